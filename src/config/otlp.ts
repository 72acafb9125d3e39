import { type ConfigReader, text, url, wholeNumber } from '../config-reader.ts'
import { SECOND } from '../units.ts'
import { readHeaderList, readHeaderOption } from './header-list.ts'

/** Export of what is recorded as OpenTelemetry spans. */
export interface OtlpOptions {
  /** Base address of the collector; `/v1/traces` is added. @default OTEL_EXPORTER_OTLP_ENDPOINT */
  endpoint?: string
  /** Complete address, instead. @default OTEL_EXPORTER_OTLP_TRACES_ENDPOINT */
  tracesEndpoint?: string
  /** @default OTEL_EXPORTER_OTLP_HEADERS, as `name=value,name=value` */
  headers?: Readonly<Record<string, string>>
  /** @default OTEL_SERVICE_NAME, else 'hasura-event-detector' */
  serviceName?: string
  /** Most spans that wait; beyond, the oldest go and are counted. @default 10000 */
  maxQueuedSpans?: number
  /** Longest wait for the collector's answer, in milliseconds. @default 10000 */
  timeout?: number
}

export interface OtlpConfig {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  readonly maxQueuedSpans: number
  readonly timeoutMs: number
}

/** OpenTelemetry's own variables that are read, as documented in .env.example (a test compares them). */
export const OTLP_VARIABLES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_SERVICE_NAME',
] as const

const OTLP_OPTIONS = ['endpoint', 'tracesEndpoint', 'headers', 'serviceName', 'maxQueuedSpans', 'timeout'] as const
const address = url('http:', 'https:')

/** Null when nothing says where to send to, or when the option is `false`. */
export function readOtlpConfig(
  reader: ConfigReader,
  given: OtlpOptions | false | undefined,
  env: Readonly<Record<string, string | undefined>>,
): OtlpConfig | null {
  if (given === false) return null
  const options = reader.section('otlp', given, OTLP_OPTIONS)
  const variable = (name: (typeof OTLP_VARIABLES)[number]) => env[name]
  const complete =
    reader.get('otlp.tracesEndpoint', options.tracesEndpoint, address, null) ??
    (options.endpoint === undefined
      ? reader.get('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', variable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'), address, null)
      : null)
  const base =
    reader.get('otlp.endpoint', options.endpoint, address, null) ??
    reader.get('OTEL_EXPORTER_OTLP_ENDPOINT', variable('OTEL_EXPORTER_OTLP_ENDPOINT'), address, null)
  const config = {
    headers: Object.freeze(
      options.headers === undefined
        ? readHeaderList(reader, 'OTEL_EXPORTER_OTLP_HEADERS', variable('OTEL_EXPORTER_OTLP_HEADERS'))
        : readHeaderOption(reader, 'otlp.headers', options.headers),
    ),
    serviceName: reader.get(
      'otlp.serviceName',
      options.serviceName ?? variable('OTEL_SERVICE_NAME'),
      text,
      'hasura-event-detector',
    ),
    maxQueuedSpans: reader.get('otlp.maxQueuedSpans', options.maxQueuedSpans, wholeNumber(1), 10_000),
    timeoutMs: reader.get('otlp.timeout', options.timeout, wholeNumber(1), 10 * SECOND),
  }
  const target = complete ?? (base === null ? null : `${base.replace(/\/+$/, '')}/v1/traces`)
  if (target === null) {
    if (given !== undefined && options.endpoint === undefined && options.tracesEndpoint === undefined) {
      reader.mistake('otlp: not set where to; give otlp.endpoint, or set OTEL_EXPORTER_OTLP_ENDPOINT')
    }
    return null
  }
  return Object.freeze({ url: target, ...config })
}
