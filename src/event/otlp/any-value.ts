import { isObject, setKey, toWhole } from '../fields.ts'
import { ItemError } from '../item-error.ts'

const MAX_DEPTH = 32

/**
 * A value of OpenTelemetry as JSON can hold it: whole numbers beyond 2^53 as decimal text, bytes as base64. Takes the form
 * of OTLP's JSON, with bigint for integers where it came as protobuf. Throws ItemError when it is nested too deeply.
 */
export function plainValue(value: unknown, depth = 0): unknown {
  if (!isObject(value)) return null
  if (depth > MAX_DEPTH)
    throw new ItemError(`an attribute is nested deeper than ${MAX_DEPTH} levels`, 'EVENT_TOO_LARGE')
  if (typeof value.stringValue === 'string') return value.stringValue
  if (typeof value.boolValue === 'boolean') return value.boolValue
  if (value.intValue !== undefined) return toWhole(value.intValue)
  if (value.doubleValue !== undefined) return plainDouble(value.doubleValue)
  if (isObject(value.arrayValue)) {
    const { values } = value.arrayValue
    return Array.isArray(values) ? values.map(each => plainValue(each, depth + 1)) : []
  }
  if (isObject(value.kvlistValue)) return plainAttributes(value.kvlistValue.values, depth + 1)
  if (typeof value.bytesValue === 'string') return value.bytesValue
  return null
}

// What JSON has no number for, OTLP's JSON and Postgres both write as these words.
function plainDouble(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? value : Number(value)
}

/** A list of attributes as an object: any name may be a key. */
export function plainAttributes(list: unknown, depth = 0): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  if (!Array.isArray(list)) return result
  for (const attribute of list) {
    if (isObject(attribute) && typeof attribute.key === 'string') {
      setKey(result, attribute.key, plainValue(attribute.value, depth))
    }
  }
  return result
}
