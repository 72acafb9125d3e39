// Strings as a whole, so that digits inside them are passed over; else integers that JavaScript may not hold exactly.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g

/**
 * JSON text with integers beyond 2^53 as strings, for readers whose JSON.parse would round them.
 */
export function exactNumbers(json: string): string {
  if (!/\d{16}/.test(json)) return json
  return json.replace(TOKENS, token => {
    const isExact = token.startsWith('"') || Number.isSafeInteger(Number(token))
    return isExact ? token : `"${token}"`
  })
}
