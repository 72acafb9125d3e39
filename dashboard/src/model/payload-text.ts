/** What a person typed as a payload: the value, or what is wrong with it. */
export type ParsedPayload = { payload: object; error: null } | { payload: null; error: string }

/** Reads JSON that must be an object. A mistake is told with its line where the browser says where it is. */
export function parsePayloadText(text: string): ParsedPayload {
  if (text.trim() === '') return { payload: null, error: 'The payload is empty.' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { payload: null, error: describe(error, text) }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { payload: value, error: null }
    : { payload: null, error: 'A payload is an object: { "id": …, "event": … }.' }
}

// Chromium says "… in JSON at position 12 (line 1 column 13)", others say line and column in their own words.
function describe(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error)
  if (/line \d+/.test(message)) return `Not JSON: ${message}`
  const position = /position (\d+)/.exec(message)?.[1]
  if (position === undefined) return `Not JSON: ${message}`
  const before = text.slice(0, Number(position)).split('\n')
  return `Not JSON: ${message} (line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`
}
