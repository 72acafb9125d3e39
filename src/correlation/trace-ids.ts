/** W3C Trace Context ids: lower-case hex, never all zeros. */
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/

/** A trace id as 32 hex digits, or null when the value is none. */
export function parseTraceId(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.toLowerCase()
  return TRACE_ID.test(text) ? text : null
}

/** A span id as 16 hex digits, or null when the value is none. */
export function parseSpanId(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.toLowerCase()
  return SPAN_ID.test(text) ? text : null
}

/** The trace of everything that shares a correlation id, where no trace context says otherwise: its 32 digits. */
export function traceIdOf(correlationId: string): string {
  return correlationId.replaceAll('-', '')
}

/** The span id of a row: the random end of its UUID. Whoever knows the row's id knows its span without asking. */
export function spanIdOf(id: string): string {
  return id.slice(19, 23) + id.slice(24)
}
