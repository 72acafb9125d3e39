import { Fields, isObject, merged } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

const NAMES = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID'] as const
/** Up to the first a value is good, up to the second it needs improvement: the limits of web-vitals. */
const LIMITS: Readonly<Record<(typeof NAMES)[number], readonly [number, number]>> = {
  LCP: [2_500, 4_000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1_800, 3_000],
  TTFB: [800, 1_800],
  FID: [100, 300],
}

/** A metric of the `web-vitals` library, plain or with attribution, and `timestamp`, `url`, `sessionId` beside it. */
export const webVital: Source = {
  name: 'web-vital',
  toEvents(item, context) {
    const fields = new Fields(item)
    const name = fields.oneOf('name', NAMES)
    if (name === null) throw fields.wrong('name', `one of ${NAMES.join(', ')}`)
    const value = fields.number('value')
    if (value === null) throw fields.wrong('value', 'a number')
    const delta = fields.number('delta')
    const metricId = fields.text('id')
    const url = fields.text('url') ?? context.pageUrl ?? null
    const attribution = fields.fields('attribution')
    const entries = fields.list('entries')
    const sessionId = fields.text('sessionId') ?? context.sessionId ?? null
    return [
      {
        // A page reports a metric again whenever it changes, under one id.
        id: metricId === null ? null : hashedId('vital', metricId, name, value, delta, sessionId),
        event_type: 'vital',
        event_name: name,
        ns: fields.text('ns') ?? context.ns,
        timestamp: fields.time('timestamp'),
        session_id: sessionId,
        ...(url === null ? {} : urlColumns(url)),
        http_user_agent: context.userAgent ?? null,
        duration_ms: name === 'CLS' ? null : value,
        vital_name: name,
        vital_value: value,
        vital_rating: fields.oneOf('rating', ['good', 'needs-improvement', 'poor']) ?? ratingOf(name, value),
        vital_delta: delta,
        vital_element:
          attribution?.text('target') ??
          attribution?.text('interactionTarget') ??
          attribution?.text('largestShiftTarget') ??
          attribution?.text('element') ??
          attribution?.text('eventTarget') ??
          elementOf(entries?.[0]),
        vital_load_state: attribution?.text('loadState') ?? null,
        nav_type: fields.text('navigationType'),
        data: merged({
          metric_id: metricId,
          attribution: fields.object('attribution'),
          entries: entries?.length ? entries : null,
        }),
        attributes: fields.rest(),
        event_source: 'web-vitals',
      },
    ]
  },
}

function ratingOf(name: (typeof NAMES)[number], value: number): string {
  const [good, poor] = LIMITS[name]
  return value <= good ? 'good' : value <= poor ? 'needs-improvement' : 'poor'
}

// Entries lose their elements on the way as JSON; what is left of one may say its tag.
function elementOf(entry: unknown): string | null {
  const element = isObject(entry) ? entry.element : null
  if (typeof element === 'string') return element
  return isObject(element) && typeof element.tagName === 'string' ? element.tagName.toLowerCase() : null
}
