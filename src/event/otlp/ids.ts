import { parseSpanId, parseTraceId } from '../../correlation/trace-ids.ts'
import { ItemError } from '../item-error.ts'

/** A trace id in lower-case hex; null when there is none. Throws ItemError when it is of another form. */
export function traceIdOrNull(value: unknown): string | null {
  if (isUnset(value)) return null
  const id = parseTraceId(value)
  if (id === null) throw new ItemError(`traceId is ${JSON.stringify(value)}, not 32 hex digits that are not all 0`)
  return id
}

/** A span id, likewise. */
export function spanIdOrNull(value: unknown, name = 'spanId'): string | null {
  if (isUnset(value)) return null
  const id = parseSpanId(value)
  if (id === null) throw new ItemError(`${name} is ${JSON.stringify(value)}, not 16 hex digits that are not all 0`)
  return id
}

const isUnset = (value: unknown): boolean => value === undefined || value === null || value === ''
