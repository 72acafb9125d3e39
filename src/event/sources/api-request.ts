import { Fields, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

/** A request that an API answered, as its access log describes it: a `trace` event. */
export const apiRequest: Source = {
  name: 'api-request',
  toEvents(item, context) {
    const fields = new Fields(item)
    const method = fields.requiredText('method').toUpperCase()
    const url = fields.requiredText('url')
    const timestamp = fields.time('timestamp')
    if (timestamp === null) throw new ItemError('timestamp is missing')
    const status = fields.whole('status')
    if (typeof status !== 'number' || status < 100 || status > 999) throw fields.wrong('status', 'an HTTP status')
    const requestId = fields.text('requestId')
    const address = urlColumns(url)
    return [
      {
        id: requestId === null ? null : `api-request:${requestId}`,
        event_type: 'trace',
        event_name: `${method} ${address.http_path ?? '/'}`,
        ns: fields.text('ns') ?? context.ns,
        trace_id: traceIdOrNull(fields.text('traceId')),
        span_id: spanIdOrNull(fields.text('spanId')),
        parent_id: spanIdOrNull(fields.text('parentId')),
        correlation_id: requestId,
        session_id: fields.text('sessionId') ?? context.sessionId ?? null,
        actor_id: fields.text('userId'),
        timestamp,
        started_at: timestamp,
        duration_ms: fields.number('duration') ?? fields.number('durationMs'),
        outcome: outcomeOf(status),
        status_code: status,
        error_message: fields.text('error'),
        http_method: method,
        ...address,
        http_status: status,
        http_protocol: fields.text('protocol'),
        http_request_size: fields.whole('requestSize'),
        http_response_size: fields.whole('responseSize'),
        http_referrer: fields.text('referrer'),
        http_user_agent: fields.text('userAgent'),
        http_content_type: fields.text('contentType'),
        geo_country: fields.text('country'),
        geo_colo: fields.text('colo'),
        service_name: fields.text('service'),
        snippet_ttfb: fields.number('ttfb'),
        snippet_cache_state: fields.text('cache')?.toLowerCase() ?? null,
        attributes: merged(fields.rest()),
        event_source: 'api',
      },
    ]
  },
}

function outcomeOf(status: number): string {
  if (status >= 500) return 'error'
  return status >= 400 ? 'client_error' : 'success'
}
