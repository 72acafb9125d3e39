/** A place of a stored payload that is not what Hasura sent. */
export interface PayloadGap {
  /** Where: `event.data.new.card`. */
  path: string
  /** `redacted`: taken out because it was secret. `cut`: too long, too deep, or nothing that JSON can hold. */
  kind: 'redacted' | 'cut'
}

// The words that the recorder puts in place of what it does not store (src/record/capture.ts, redact.ts; a test compares them).
const REDACTED = /\[Redacted\]/
const CUT =
  /… \[cut: \d+ characters\]$|^\[(?:Cut(?:: \d+ more)?|Circular|Error|Object|(?:Object|Array|Map|Set)\(\d+\)|Unreadable: .*|Function .*)\]$/s

/** Where a payload has gaps, first ones first; at most `limit`. Without recursion: edited payloads may be nested deeply. */
export function findPayloadGaps(payload: unknown, limit = 50): PayloadGap[] {
  const gaps: PayloadGap[] = []
  const open: { path: string; value: unknown }[] = [{ path: '', value: payload }]
  while (open.length > 0 && gaps.length < limit) {
    const { path, value } = open.pop() as { path: string; value: unknown }
    if (typeof value === 'string') {
      if (REDACTED.test(value)) gaps.push({ path, kind: 'redacted' })
      else if (CUT.test(value)) gaps.push({ path, kind: 'cut' })
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).reverse()
      for (const [key, item] of entries) {
        const inside = path === '' ? key : `${path}.${key}`
        if (key === '[Cut]') gaps.push({ path: inside, kind: 'cut' })
        else open.push({ path: inside, value: item })
      }
    }
  }
  return gaps
}
