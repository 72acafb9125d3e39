import { Fields, isObject } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import { ItemError } from '../item-error.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

/** The kinds of rrweb's events, by their number. */
const TYPES = ['DomContentLoaded', 'Load', 'FullSnapshot', 'IncrementalSnapshot', 'Meta', 'Custom', 'Plugin']
/** What an incremental snapshot records, by the number in its data. */
const SOURCES = [
  ...[
    'Mutation',
    'MouseMove',
    'MouseInteraction',
    'Scroll',
    'ViewportResize',
    'Input',
    'TouchMove',
    'MediaInteraction',
  ],
  ...['StyleSheetRule', 'CanvasMutation', 'Font', 'Log', 'Drag', 'StyleDeclaration', 'Selection', 'AdoptedStyleSheet'],
  'CustomElement',
]
const INCREMENTAL = 3

/** An event of rrweb, with `sessionId`, `sequence`, `url` and `startedAt` (of the session) beside its own fields. */
export const sessionReplay: Source = {
  name: 'session-replay',
  toEvents(item, context) {
    const fields = new Fields(item)
    const type = fields.whole('type')
    const kind = typeof type === 'number' ? TYPES[type] : undefined
    if (kind === undefined) throw fields.wrong('type', `a number from 0 to ${TYPES.length - 1}`)
    const timestamp = fields.time('timestamp')
    if (timestamp === null) throw new ItemError('timestamp is missing')
    const sessionId = fields.text('sessionId') ?? context.sessionId ?? null
    if (sessionId === null) throw new ItemError('sessionId is missing')
    const data = fields.any('data')
    const source = type === INCREMENTAL && isObject(data) && typeof data.source === 'number' ? data.source : null
    const sourceName = source === null ? null : (SOURCES[source] ?? `Source${source}`)
    const sequence = fields.whole('sequence')
    const started = fields.time('startedAt')
    const url = fields.text('url') ?? context.pageUrl ?? null
    return [
      {
        id: sequence === null ? null : hashedId('replay', sessionId, sequence, timestamp),
        event_type: 'replay',
        event_name: sourceName === null ? kind : `${kind}.${sourceName}`,
        ns: fields.text('ns') ?? context.ns,
        session_id: sessionId,
        timestamp,
        ...(url === null ? {} : urlColumns(url)),
        http_user_agent: context.userAgent ?? null,
        replay_type: kind,
        replay_source: sourceName,
        replay_sequence: sequence,
        replay_timestamp_offset: started === null ? null : Date.parse(timestamp) - Date.parse(started),
        replay_data: data === null ? null : JSON.stringify(data),
        attributes: fields.rest(),
        event_source: 'rrweb',
      },
    ]
  },
}
