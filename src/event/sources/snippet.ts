import { toTimestamp } from '../../record/clock.ts'
import { Fields } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

/** What the browser loads, by what started it; `other` where that says nothing. */
const RESOURCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    xmlhttprequest: 'fetch',
    fetch: 'fetch',
    beacon: 'fetch',
    img: 'image',
    image: 'image',
    script: 'script',
    css: 'stylesheet',
    link: 'stylesheet',
    iframe: 'document',
    navigation: 'document',
    video: 'media',
    audio: 'media',
  }),
)

/**
 * An entry of the browser's resource timing, with `timestamp` (the start, in ms since 1970, or `timeOrigin`), `pageUrl`,
 * `sessionId` and `requestId` beside its own fields.
 */
export const snippet: Source = {
  name: 'snippet',
  toEvents(item, context) {
    const fields = new Fields(item)
    const url = fields.requiredText('name')
    const initiator = fields.text('initiatorType') ?? 'other'
    const startTime = fields.number('startTime')
    const time = (key: string): number | null => fields.number(key) || null
    const requestStart = time('requestStart')
    const responseStart = time('responseStart')
    const responseEnd = time('responseEnd')
    const lookupStart = time('domainLookupStart')
    // Of another origin the browser tells zeros for everything between start and end: nothing is known then.
    const isTimed = requestStart !== null
    const transferSize = fields.whole('transferSize')
    const decodedSize = fields.whole('decodedBodySize')
    const encodedSize = fields.whole('encodedBodySize')
    const requestId = fields.text('requestId')
    const pageUrl = fields.text('pageUrl') ?? context.pageUrl ?? null
    const sessionId = fields.text('sessionId') ?? context.sessionId ?? null
    const origin = fields.number('timeOrigin')
    const timestamp =
      fields.time('timestamp') ?? (origin === null || startTime === null ? null : toTimestamp(origin + startTime))
    const status = fields.whole('responseStatus')
    return [
      {
        id: hashedId('snippet', requestId, url, sessionId, timestamp, startTime),
        event_type: 'snippet',
        event_name: `${initiator}.request`,
        ns: fields.text('ns') ?? context.ns,
        session_id: sessionId,
        correlation_id: requestId,
        timestamp,
        duration_ms: fields.number('duration'),
        ...urlColumns(url),
        http_status: typeof status === 'number' && status > 0 ? status : null,
        http_protocol: fields.text('nextHopProtocol'),
        http_response_size: isTimed ? encodedSize : null,
        http_referrer: pageUrl,
        http_user_agent: context.userAgent ?? null,
        http_content_type: fields.text('contentType'),
        snippet_initiator: initiator,
        snippet_request_id: requestId,
        snippet_start_time: startTime,
        snippet_dns_time: between(lookupStart, time('domainLookupEnd')),
        snippet_connect_time: between(time('connectStart'), time('connectEnd')),
        snippet_ttfb: between(requestStart, responseStart),
        snippet_download_time: isTimed ? between(responseStart, responseEnd) : null,
        snippet_blocked_time: between(startTime, lookupStart),
        snippet_resource_type: RESOURCES.get(initiator) ?? 'other',
        snippet_transfer_size: isTimed ? transferSize : null,
        snippet_decoded_size: isTimed ? decodedSize : null,
        snippet_cache_state: isTimed ? cacheState(transferSize, decodedSize, encodedSize) : null,
        snippet_priority: fields.text('fetchPriority') ?? fields.text('priority'),
        attributes: fields.rest(),
        event_source: 'browser',
      },
    ]
  },
}

function between(start: number | null, end: number | null): number | null {
  return start === null || end === null || end < start ? null : end - start
}

// The browser says 0 for what came from its cache, and the size of the headers alone for what the server confirmed.
function cacheState(transferred: unknown, decoded: unknown, encoded: unknown): string | null {
  if (typeof transferred !== 'number') return null
  if (transferred === 0) return Number(decoded) > 0 ? 'local' : null
  return typeof encoded === 'number' && transferred < encoded ? 'validated' : 'network'
}
