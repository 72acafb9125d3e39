import { isObject, merged, toWhole } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { plainAttributes } from '../otlp/any-value.ts'
import { hasKeys, namespaceOf, originOf, parseOtlpItem } from '../otlp/resource.ts'
import type { EventDraft, Source, SourceContext } from '../source.ts'
import { nanosToTime, readNanos } from '../times.ts'

/**
 * A metric of OpenTelemetry with its data points, in OTLP's JSON form: one `metric` event for each point. Gauge, sum,
 * histogram, exponential histogram and summary.
 */
export const otlpMetric: Source = {
  name: 'otlp-metric',
  toEvents: (item, context) => toEvents(item, context),
}

type Values = Record<string, unknown>

function toEvents(item: unknown, context: SourceContext): EventDraft[] {
  const { resource, scope, item: metric } = parseOtlpItem(item, 'metric')
  const name = metric.name
  if (typeof name !== 'string' || name === '') throw new ItemError('the metric has no name')
  const [kind, body] = kindOf(metric)
  const origin = originOf(resource, scope)
  const points = Array.isArray(body.dataPoints) ? body.dataPoints : []
  return points.map(point => {
    if (!isObject(point)) throw new ItemError(`a data point of ${name} is no object`)
    const time = readNanos(point.timeUnixNano)
    const start = readNanos(point.startTimeUnixNano)
    const attributes = plainAttributes(point.attributes)
    const value = kind.read(point)
    return {
      ...origin.columns,
      id: null,
      event_type: 'metric',
      event_name: name,
      ns: namespaceOf(origin, context),
      timestamp: time === null ? null : nanosToTime(time),
      timestamp_ns: time,
      started_at: start === null ? null : nanosToTime(start),
      metric_name: name,
      metric_unit: typeof metric.unit === 'string' && metric.unit !== '' ? metric.unit : null,
      metric_type: kind.type(body),
      ...value.columns,
      labels: labelsOf(attributes),
      attributes: merged(notTexts(attributes), {
        'metric.description': metric.description === '' ? null : metric.description,
        'metric.temporality': temporalityOf(body.aggregationTemporality),
        'metric.monotonic': body.isMonotonic,
        'metric.flags': point.flags === 0 ? null : point.flags,
      }),
      context: origin.context,
      data: merged(value.data, { exemplars: exemplarsOf(point.exemplars) }),
      event_source: 'otlp',
    }
  })
}

interface PointValue {
  columns: Partial<EventDraft>
  data?: Values | null
}

interface Kind {
  type: (body: Values) => string
  read: (point: Values) => PointValue
}

const KINDS: Readonly<Record<string, Kind>> = {
  gauge: { type: () => 'gauge', read: readNumber },
  sum: { type: body => (body.isMonotonic === true ? 'counter' : 'updowncounter'), read: readNumber },
  histogram: { type: () => 'histogram', read: readHistogram },
  exponentialHistogram: { type: () => 'exponential_histogram', read: readExponentialHistogram },
  summary: { type: () => 'summary', read: readSummary },
}

function kindOf(metric: Values): [Kind, Values] {
  for (const [key, kind] of Object.entries(KINDS)) {
    const body = metric[key]
    if (isObject(body)) return [kind, body]
  }
  throw new ItemError(`the metric ${String(metric.name)} is none of ${Object.keys(KINDS).join(', ')}`)
}

function readNumber(point: Values): PointValue {
  if (point.asInt === undefined || point.asInt === null) return { columns: { metric_value: double(point.asDouble) } }
  const whole = toWhole(point.asInt)
  if (whole === null) throw new ItemError(`asInt is ${String(point.asInt)}, not a whole number of 64 bits`)
  // The column is a double: a whole number that it cannot hold is kept beside it.
  return { columns: { metric_value: Number(whole) }, data: typeof whole === 'string' ? { exact_value: whole } : null }
}

function readHistogram(point: Values): PointValue {
  return {
    columns: {
      ...totals(point),
      metric_buckets: {
        bounds: list(point.explicitBounds).map(jsonDouble),
        counts: list(point.bucketCounts).map(count),
      },
    },
  }
}

function readExponentialHistogram(point: Values): PointValue {
  return {
    columns: {
      ...totals(point),
      metric_buckets: {
        scale: Number(point.scale ?? 0),
        zero_count: count(point.zeroCount ?? 0),
        zero_threshold: double(point.zeroThreshold ?? 0),
        positive: exponentialBuckets(point.positive),
        negative: exponentialBuckets(point.negative),
      },
    },
  }
}

function readSummary(point: Values): PointValue {
  return {
    columns: {
      metric_count: count(point.count ?? 0),
      metric_sum: double(point.sum),
      metric_quantiles: list(point.quantileValues)
        .filter(isObject)
        .map(({ quantile, value }) => ({ quantile: jsonDouble(quantile ?? 0), value: jsonDouble(value ?? 0) })),
    },
  }
}

function totals(point: Values): Partial<EventDraft> {
  return {
    metric_count: count(point.count ?? 0),
    metric_sum: double(point.sum),
    metric_min: double(point.min),
    metric_max: double(point.max),
  }
}

function exponentialBuckets(value: unknown): Values | null {
  return isObject(value) ? { offset: Number(value.offset ?? 0), counts: list(value.bucketCounts).map(count) } : null
}

function count(value: unknown): number | string {
  const whole = toWhole(value)
  if (whole === null) throw new ItemError(`a count is ${String(value)}, not a whole number`)
  return whole
}

// What JSON has no number for comes as a word, which Postgres reads as the same number.
function double(value: unknown): number | null {
  if (value === undefined || value === null) return null
  const number = typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
  if (number || (typeof value === 'string' && Number.isFinite(Number(value)))) return Number(value)
  throw new ItemError(`a value is ${String(value)}, not a number`)
}

// In JSON such numbers stay words.
function jsonDouble(value: unknown): number | string | null {
  const number = double(value)
  return number === null || Number.isFinite(number) ? number : String(number)
}

function temporalityOf(value: unknown): string | null {
  if (value === 1 || value === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta'
  return value === 2 || value === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : null
}

function labelsOf(attributes: Values): Record<string, string> | null {
  if (!hasKeys(attributes)) return null
  const labels = Object.create(null) as Record<string, string>
  for (const [key, value] of Object.entries(attributes)) {
    labels[key] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return labels
}

// Labels are text; what was of another type keeps it here.
function notTexts(attributes: Values): Values {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => typeof value !== 'string'))
}

function exemplarsOf(value: unknown): Values[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  return value.filter(isObject).map(exemplar => {
    const nanos = readNanos(exemplar.timeUnixNano)
    const attributes = plainAttributes(exemplar.filteredAttributes)
    return {
      time: nanos === null ? null : nanosToTime(nanos),
      value: exemplar.asInt === undefined ? jsonDouble(exemplar.asDouble) : toWhole(exemplar.asInt),
      trace_id: exemplar.traceId ?? null,
      span_id: exemplar.spanId ?? null,
      ...(hasKeys(attributes) ? { attributes } : {}),
    }
  })
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
