import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Signal } from './request.ts'

/*
 * OTLP's messages as they stand in opentelemetry-proto 1.x, read into OTLP's own JSON form, so that one transformer serves
 * both encodings. Integers of 64 bits become bigint; bytes become hex (ids) or base64. Unknown fields are skipped.
 */

type Scalar =
  | 'string'
  | 'bool'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'base64'
  | 'hex'
  | 'uint32'
  | 'fixed32'
  | 'sint32'
  | 'enum'
interface Field {
  name: string
  type: Scalar | Message
  repeated?: boolean
}
type Message = { readonly fields: Readonly<Record<number, Field>> }

function message(fields: Record<number, [name: string, type: Scalar | Message, repeated?: 'repeated']>): Message {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([number, [name, type, repeated]]) => [
        number,
        { name, type, repeated: repeated !== undefined },
      ]),
    ),
  }
}

// A value may hold lists of values: filled in below.
const anyFields: Record<number, Field> = {}
const anyValue: Message = { fields: anyFields }
const keyValue = message({ 1: ['key', 'string'], 2: ['value', anyValue] })
Object.assign(
  anyFields,
  message({
    1: ['stringValue', 'string'],
    2: ['boolValue', 'bool'],
    3: ['intValue', 'int64'],
    4: ['doubleValue', 'double'],
    5: ['arrayValue', message({ 1: ['values', anyValue, 'repeated'] })],
    6: ['kvlistValue', message({ 1: ['values', keyValue, 'repeated'] })],
    7: ['bytesValue', 'base64'],
  }).fields,
)

const resource = message({ 1: ['attributes', keyValue, 'repeated'], 2: ['droppedAttributesCount', 'uint32'] })
const scope = message({
  1: ['name', 'string'],
  2: ['version', 'string'],
  3: ['attributes', keyValue, 'repeated'],
  4: ['droppedAttributesCount', 'uint32'],
})

const spanEvent = message({
  1: ['timeUnixNano', 'fixed64'],
  2: ['name', 'string'],
  3: ['attributes', keyValue, 'repeated'],
  4: ['droppedAttributesCount', 'uint32'],
})
const spanLink = message({
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'string'],
  4: ['attributes', keyValue, 'repeated'],
  5: ['droppedAttributesCount', 'uint32'],
  6: ['flags', 'fixed32'],
})
const span = message({
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'enum'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', keyValue, 'repeated'],
  10: ['droppedAttributesCount', 'uint32'],
  11: ['events', spanEvent, 'repeated'],
  12: ['droppedEventsCount', 'uint32'],
  13: ['links', spanLink, 'repeated'],
  14: ['droppedLinksCount', 'uint32'],
  15: ['status', message({ 2: ['message', 'string'], 3: ['code', 'enum'] })],
  16: ['flags', 'fixed32'],
})

const logRecord = message({
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'enum'],
  3: ['severityText', 'string'],
  5: ['body', anyValue],
  6: ['attributes', keyValue, 'repeated'],
  7: ['droppedAttributesCount', 'uint32'],
  8: ['flags', 'fixed32'],
  9: ['traceId', 'hex'],
  10: ['spanId', 'hex'],
  11: ['observedTimeUnixNano', 'fixed64'],
  12: ['eventName', 'string'],
})

const exemplar = message({
  2: ['timeUnixNano', 'fixed64'],
  3: ['asDouble', 'double'],
  4: ['spanId', 'hex'],
  5: ['traceId', 'hex'],
  6: ['asInt', 'sfixed64'],
  7: ['filteredAttributes', keyValue, 'repeated'],
})
const numberPoint = message({
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['asDouble', 'double'],
  5: ['exemplars', exemplar, 'repeated'],
  6: ['asInt', 'sfixed64'],
  7: ['attributes', keyValue, 'repeated'],
  8: ['flags', 'uint32'],
})
const histogramPoint = message({
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64', 'repeated'],
  7: ['explicitBounds', 'double', 'repeated'],
  8: ['exemplars', exemplar, 'repeated'],
  9: ['attributes', keyValue, 'repeated'],
  10: ['flags', 'uint32'],
  11: ['min', 'double'],
  12: ['max', 'double'],
})
const buckets = message({ 1: ['offset', 'sint32'], 2: ['bucketCounts', 'uint64', 'repeated'] })
const exponentialPoint = message({
  1: ['attributes', keyValue, 'repeated'],
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'sint32'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', buckets],
  9: ['negative', buckets],
  10: ['flags', 'uint32'],
  11: ['exemplars', exemplar, 'repeated'],
  12: ['min', 'double'],
  13: ['max', 'double'],
  14: ['zeroThreshold', 'double'],
})
const summaryPoint = message({
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['quantileValues', message({ 1: ['quantile', 'double'], 2: ['value', 'double'] }), 'repeated'],
  7: ['attributes', keyValue, 'repeated'],
  8: ['flags', 'uint32'],
})
const metric = message({
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', message({ 1: ['dataPoints', numberPoint, 'repeated'] })],
  7: [
    'sum',
    message({
      1: ['dataPoints', numberPoint, 'repeated'],
      2: ['aggregationTemporality', 'enum'],
      3: ['isMonotonic', 'bool'],
    }),
  ],
  9: ['histogram', message({ 1: ['dataPoints', histogramPoint, 'repeated'], 2: ['aggregationTemporality', 'enum'] })],
  10: [
    'exponentialHistogram',
    message({ 1: ['dataPoints', exponentialPoint, 'repeated'], 2: ['aggregationTemporality', 'enum'] }),
  ],
  11: ['summary', message({ 1: ['dataPoints', summaryPoint, 'repeated'] })],
})

const request = (group: string, scoped: string, items: string, item: Message): Message =>
  message({
    1: [
      group,
      message({
        1: ['resource', resource],
        2: [
          scoped,
          message({ 1: ['scope', scope], 2: [items, item, 'repeated'], 3: ['schemaUrl', 'string'] }),
          'repeated',
        ],
        3: ['schemaUrl', 'string'],
      }),
      'repeated',
    ],
  })

const REQUESTS: Readonly<Record<Signal, Message>> = {
  traces: request('resourceSpans', 'scopeSpans', 'spans', span),
  logs: request('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: request('resourceMetrics', 'scopeMetrics', 'metrics', metric),
}

// A request itself has six levels, an attribute three for each of its own.
const MAX_DEPTH = 110

/** A request in protobuf, in OTLP's JSON form. Throws when it is not. */
export function readOtlpRequest(signal: Signal, bytes: Uint8Array): unknown {
  return readMessage(new Reader(bytes), bytes.length, REQUESTS[signal], 0)
}

/** Texts are read where they stand: a view of each would cost as much as the text. */
class Reader extends BinaryReader {
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    super(bytes)
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The bytes of a field as text. */
  text(encoding: 'utf8' | 'hex' | 'base64'): string {
    const length = this.uint32()
    const start = this.pos
    const end = start + length
    if (end > this.len) throw new RangeError('a field ends after the end of the message')
    this.pos = end
    return this.#bytes.toString(encoding, start, end)
  }
}

function readMessage(reader: Reader, length: number, { fields }: Message, depth: number): Record<string, unknown> {
  const end = reader.pos + length
  if (end > reader.len) throw new RangeError('a field ends after the end of the message')
  const result: Record<string, unknown> = {}
  // An item that is nested too deeply is refused by itself: what lies deeper is left unread, and the rest is read.
  if (depth > MAX_DEPTH) {
    reader.pos = end
    return result
  }
  while (reader.pos < end) {
    const [number, wireType] = reader.tag()
    const field = fields[number]
    if (field === undefined) {
      reader.skip(wireType, number)
      continue
    }
    const { name, type } = field
    if (!field.repeated) {
      result[name] = readValue(reader, type, wireType, depth)
      continue
    }
    let values = result[name] as unknown[] | undefined
    if (values === undefined) {
      values = []
      result[name] = values
    }
    // Numbers of a list come packed.
    if (typeof type === 'string' && wireType === WireType.LengthDelimited && type !== 'string') {
      const packedEnd = reader.uint32() + reader.pos
      while (reader.pos < packedEnd) values.push(readScalar(reader, type))
    } else values.push(readValue(reader, type, wireType, depth))
  }
  if (reader.pos !== end) throw new RangeError('a message ends within a field')
  return result
}

function readValue(reader: Reader, type: Scalar | Message, wireType: WireType, depth: number): unknown {
  if (typeof type !== 'string') {
    if (wireType !== WireType.LengthDelimited) throw new RangeError('a message is sent as a number')
    const length = reader.uint32()
    return (type === anyValue ? readSimple(reader, length) : null) ?? readMessage(reader, length, type, depth + 1)
  }
  if (WIRE_TYPES[type] !== wireType) throw new RangeError('a field is of another type than OTLP gives it')
  return readScalar(reader, type)
}

/** A value that is nothing but a text or a number, as nearly all are; null for others, of which nothing is read then. */
function readSimple(reader: Reader, length: number): Record<string, unknown> | null {
  const start = reader.pos
  const end = start + length
  if (length < 2 || end > reader.len) return null
  let value: Record<string, unknown> | null = null
  switch (reader.uint32()) {
    case (1 << 3) | WireType.LengthDelimited:
      value = { stringValue: reader.text('utf8') }
      break
    case (2 << 3) | WireType.Varint:
      value = { boolValue: reader.bool() }
      break
    case (3 << 3) | WireType.Varint:
      value = { intValue: BigInt(reader.int64()) }
      break
    case (4 << 3) | WireType.Bit64:
      value = { doubleValue: reader.double() }
  }
  if (value !== null && reader.pos === end) return value
  reader.pos = start
  return null
}

const WIRE_TYPES: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  hex: WireType.LengthDelimited,
  base64: WireType.LengthDelimited,
  bool: WireType.Varint,
  enum: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  uint32: WireType.Varint,
  sint32: WireType.Varint,
  fixed64: WireType.Bit64,
  sfixed64: WireType.Bit64,
  double: WireType.Bit64,
  fixed32: WireType.Bit32,
}

function readScalar(reader: Reader, type: Scalar): unknown {
  switch (type) {
    case 'string':
      // Bytes that are no UTF-8 become U+FFFD: they are no reason to lose the rest of a request.
      return reader.text('utf8')
    case 'bool':
      return reader.bool()
    case 'int64':
      return BigInt(reader.int64())
    case 'uint64':
      return BigInt(reader.uint64())
    case 'fixed64':
      return BigInt(reader.fixed64())
    case 'sfixed64':
      return BigInt(reader.sfixed64())
    case 'double':
      return reader.double()
    case 'uint32':
      return reader.uint32()
    case 'fixed32':
      return reader.fixed32()
    case 'sint32':
      return reader.sint32()
    case 'enum':
      return reader.int32()
    case 'hex':
      return reader.text('hex')
    case 'base64':
      return reader.text('base64')
    default:
      return type satisfies never
  }
}

/** The answer to a request: empty when all was taken. */
export function writeOtlpResponse(rejected: number, message: string): Uint8Array {
  const writer = new BinaryWriter()
  if (rejected > 0 || message !== '') {
    writer.tag(1, WireType.LengthDelimited).fork()
    if (rejected > 0) writer.tag(1, WireType.Varint).int64(rejected)
    if (message !== '') writer.tag(2, WireType.LengthDelimited).string(message)
    writer.join()
  }
  return writer.finish()
}

/** google.rpc.Status, which OTLP answers refused requests with. */
export function writeOtlpStatus(code: number, message: string): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(code)
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .finish()
}
