import { Fields, isObject, merged } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import { ItemError } from '../item-error.ts'
import { traceIdOrNull } from '../otlp/ids.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

const OUTCOMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ok: 'success',
    exception: 'error',
    exceededCpu: 'exceeded_cpu',
    exceededMemory: 'exceeded_memory',
    scriptNotFound: 'script_not_found',
    responseStreamDisconnected: 'response_stream_disconnected',
  }),
)

/** An invocation of a Worker, as tail logs describe it: one `tail` event with its logs and exceptions in `data`. */
export const tail: Source = {
  name: 'tail',
  toEvents(item, context) {
    const fields = new Fields(item)
    const script = fields.requiredText('scriptName')
    const timestamp = fields.time('eventTimestamp')
    if (timestamp === null) throw new ItemError('eventTimestamp is missing')
    const event = fields.fields('event')
    const request = event?.fields('request')
    const cf = request?.fields('cf')
    const url = request?.text('url') ?? null
    const headers = lowerCaseKeys(request?.object('headers') ?? {})
    const queue = event?.text('queue') ?? null
    const type = event?.text('type') ?? typeOf({ request, queue, cron: event?.has('cron') === true })
    const status = event?.fields('response')?.whole('status') ?? null
    const exceptions = fields.list('exceptions')
    const first = isObject(exceptions?.[0]) ? new Fields(exceptions[0], 'exceptions.0') : null
    const outcome = fields.text('outcome')
    const versionValue = fields.any('scriptVersion')
    const version = typeof versionValue === 'string' ? versionValue : versionOf(versionValue)
    const traceParent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/i.exec(headers.get('traceparent') ?? '')
    return [
      {
        // The platform gives no key to an invocation; its content is one, apart from what the network may add.
        id: hashedId('tail', script, timestamp, outcome, item),
        event_type: 'tail',
        event_name: type === null ? 'workers.invocation' : `workers.${type}`,
        ns: context.ns,
        timestamp,
        trace_id: traceIdOrNull(traceParent?.[1]),
        parent_id: traceParent?.[2]?.toLowerCase() ?? null,
        correlation_id: headers.get('cf-ray') ?? headers.get('x-request-id') ?? null,
        service_name: script,
        service_version: version,
        cloud_provider: 'cloudflare',
        outcome: outcome === null ? null : (OUTCOMES.get(outcome) ?? outcome),
        http_status: typeof status === 'number' ? status : null,
        status_code: typeof status === 'number' ? status : null,
        error_type: first?.text('name') ?? null,
        error_message: first?.text('message') ?? null,
        error_stack: first?.text('stack') ?? null,
        cpu_time_ms: fields.number('cpuTime'),
        duration_ms: fields.number('wallTime'),
        http_method: request?.text('method') ?? null,
        ...(url === null ? {} : urlColumns(url)),
        http_protocol: cf?.text('httpProtocol') ?? null,
        http_user_agent: headers.get('user-agent') ?? null,
        http_referrer: headers.get('referer') ?? null,
        geo_country: cf?.text('country') ?? null,
        geo_region: cf?.text('region') ?? null,
        geo_city: cf?.text('city') ?? null,
        geo_colo: cf?.text('colo') ?? null,
        geo_timezone: cf?.text('timezone') ?? null,
        geo_latitude: cf?.number('latitude') ?? null,
        geo_longitude: cf?.number('longitude') ?? null,
        geo_asn: cf?.whole('asn') ?? null,
        geo_as_org: cf?.text('asOrganization') ?? null,
        geo_postal: cf?.text('postalCode') ?? null,
        msg_system: queue === null ? null : 'cloudflare_queues',
        msg_destination: queue,
        msg_operation: queue === null ? null : 'consume',
        msg_batch_size: batchSize(event?.whole('batchSize')),
        data: merged({
          logs: fields.list('logs'),
          exceptions,
          cron: event?.text('cron'),
          scheduled_time: event?.any('scheduledTime'),
        }),
        attributes: merged(
          fields.rest(),
          { event: event?.rest(), request: request?.rest(), cf: cf?.rest() },
          harmless(headers),
        ),
        event_source: 'workers_tail',
      },
    ]
  },
}

function typeOf(event: { request: unknown; queue: string | null; cron: boolean }): string | null {
  if (event.request) return 'fetch'
  return event.queue !== null ? 'queue' : event.cron ? 'scheduled' : null
}

function versionOf(value: unknown): string | null {
  return isObject(value) && typeof value.id === 'string' ? value.id : null
}

function lowerCaseKeys(headers: Readonly<Record<string, unknown>>): Map<string, string> {
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return new Map(texts.map(([name, value]) => [name.toLowerCase(), value]))
}

// By the names that OpenTelemetry gives headers; without those that let somebody in.
function harmless(headers: ReadonlyMap<string, string>): Record<string, string> {
  const entries = [...headers].filter(([name]) => !COLUMNS.has(name) && !SECRET.test(name))
  return Object.fromEntries(entries.map(([name, value]) => [`http.request.header.${name}`, value]))
}

const COLUMNS: ReadonlySet<string> = new Set(['user-agent', 'referer', 'traceparent'])
const SECRET = /auth|cookie|token|key|secret|password|signature/

const batchSize = (value: unknown): number | null => (typeof value === 'number' ? value : null)
