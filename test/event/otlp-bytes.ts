import { createRequire } from 'node:module'
import type { Signal } from '../../src/event/otlp/request.ts'

interface Item {
  resource: unknown
  scope?: unknown
  item: unknown
}

interface Type {
  fromObject(object: unknown): unknown
  encode(message: unknown): { finish(): Uint8Array }
}

const PROTO = `
syntax = "proto3";
message AnyValue { oneof value { string stringValue = 1; bool boolValue = 2; int64 intValue = 3; double doubleValue = 4;
  ArrayValue arrayValue = 5; KeyValueList kvlistValue = 6; bytes bytesValue = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Event { fixed64 timeUnixNano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 droppedAttributesCount = 4; }
message Link { bytes traceId = 1; bytes spanId = 2; string traceState = 3; repeated KeyValue attributes = 4; fixed32 flags = 6; }
message Status { string message = 2; Code code = 3; enum Code { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; } }
message Span { bytes traceId = 1; bytes spanId = 2; string traceState = 3; bytes parentSpanId = 4; string name = 5;
  Kind kind = 6; fixed64 startTimeUnixNano = 7; fixed64 endTimeUnixNano = 8; repeated KeyValue attributes = 9;
  uint32 droppedAttributesCount = 10; repeated Event events = 11; uint32 droppedEventsCount = 12; repeated Link links = 13;
  uint32 droppedLinksCount = 14; Status status = 15; fixed32 flags = 16;
  enum Kind { SPAN_KIND_UNSPECIFIED = 0; SPAN_KIND_INTERNAL = 1; SPAN_KIND_SERVER = 2; SPAN_KIND_CLIENT = 3; SPAN_KIND_PRODUCER = 4; SPAN_KIND_CONSUMER = 5; } }
message LogRecord { fixed64 timeUnixNano = 1; fixed64 observedTimeUnixNano = 11; int32 severityNumber = 2; string severityText = 3;
  AnyValue body = 5; repeated KeyValue attributes = 6; uint32 droppedAttributesCount = 7; fixed32 flags = 8; bytes traceId = 9;
  bytes spanId = 10; string eventName = 12; }
message Exemplar { repeated KeyValue filteredAttributes = 7; fixed64 timeUnixNano = 2; oneof value { double asDouble = 3; sfixed64 asInt = 6; } bytes spanId = 4; bytes traceId = 5; }
message NumberDataPoint { repeated KeyValue attributes = 7; fixed64 startTimeUnixNano = 2; fixed64 timeUnixNano = 3;
  oneof value { double asDouble = 4; sfixed64 asInt = 6; } repeated Exemplar exemplars = 5; uint32 flags = 8; }
message HistogramDataPoint { repeated KeyValue attributes = 9; fixed64 startTimeUnixNano = 2; fixed64 timeUnixNano = 3; fixed64 count = 4;
  optional double sum = 5; repeated fixed64 bucketCounts = 6; repeated double explicitBounds = 7; optional double min = 11; optional double max = 12; }
message Buckets { sint32 offset = 1; repeated uint64 bucketCounts = 2; }
message ExponentialHistogramDataPoint { repeated KeyValue attributes = 1; fixed64 startTimeUnixNano = 2; fixed64 timeUnixNano = 3; fixed64 count = 4;
  optional double sum = 5; sint32 scale = 6; fixed64 zeroCount = 7; Buckets positive = 8; Buckets negative = 9; optional double min = 12; optional double max = 13; double zeroThreshold = 14; }
message ValueAtQuantile { double quantile = 1; double value = 2; }
message SummaryDataPoint { repeated KeyValue attributes = 7; fixed64 startTimeUnixNano = 2; fixed64 timeUnixNano = 3; fixed64 count = 4; double sum = 5; repeated ValueAtQuantile quantileValues = 6; }
enum Temporality { AGGREGATION_TEMPORALITY_UNSPECIFIED = 0; AGGREGATION_TEMPORALITY_DELTA = 1; AGGREGATION_TEMPORALITY_CUMULATIVE = 2; }
message Gauge { repeated NumberDataPoint dataPoints = 1; }
message Sum { repeated NumberDataPoint dataPoints = 1; Temporality aggregationTemporality = 2; bool isMonotonic = 3; }
message Histogram { repeated HistogramDataPoint dataPoints = 1; Temporality aggregationTemporality = 2; }
message ExponentialHistogram { repeated ExponentialHistogramDataPoint dataPoints = 1; Temporality aggregationTemporality = 2; }
message Summary { repeated SummaryDataPoint dataPoints = 1; }
message Metric { string name = 1; string description = 2; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9;
  ExponentialHistogram exponentialHistogram = 10; Summary summary = 11; } }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; }
message traces { repeated ResourceSpans resourceSpans = 1; }
message ScopeLogs { Scope scope = 1; repeated LogRecord logRecords = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopeLogs = 2; }
message logs { repeated ResourceLogs resourceLogs = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scopeMetrics = 2; }
message metrics { repeated ResourceMetrics resourceMetrics = 1; }`

// Another implementation than the one under test: what both read the same way is protobuf.
const { parse, util } = createRequire(import.meta.url)('protobufjs') as {
  parse: (text: string, options: { keepCase: boolean }) => { root: { lookupType(name: string): Type } }
  util: { base64: { encode(bytes: Uint8Array, start: number, end: number): string } }
}
const { root } = parse(PROTO, { keepCase: true })

const NAMES = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const

/** A request in OTLP's JSON form. */
export function otlpJson(signal: Signal, items: readonly Item[]): Record<string, unknown> {
  const [resources, scopes, list] = NAMES[signal]
  return {
    [resources]: items.map(({ resource, scope, item }) => ({ resource, [scopes]: [{ scope, [list]: [item] }] })),
  }
}

/** The same request in protobuf. */
export function otlpBytes(signal: Signal, ...items: Item[]): Uint8Array {
  return otlpRequestBytes(signal, otlpJson(signal, items))
}

/** A request in OTLP's JSON form in protobuf. */
export function otlpRequestBytes(signal: Signal, request: unknown): Uint8Array {
  const type = root.lookupType(signal)
  return type.encode(type.fromObject(withBytes(request))).finish()
}

// protobufjs takes bytes as base64; OTLP writes ids as hex.
function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (!/^(?:traceId|spanId|parentSpanId)$/.test(key)) return [key, withBytes(item)]
      const bytes = Buffer.from(String(item), 'hex')
      return [key, util.base64.encode(bytes, 0, bytes.length)]
    }),
  )
}
