/** A part of a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where a member stands within JSON text, by the keys that lead to it from the value that begins at `from`; null when it is not
 * there. The text is one that we wrote ourselves (valid, without blanks between its parts): it is found, not parsed, which is
 * faster and keeps every digit.
 */
export function memberSpan(text: string, path: readonly string[], from = 0): Span | null {
  const start = memberStart(text, path, from)
  return start === null ? null : { start, end: endOfValue(text, start) }
}

/** Where it begins. */
export function memberStart(text: string, path: readonly string[], from = 0): number | null {
  let start: number | null = from
  for (const key of path) {
    start = memberAt(text, start, JSON.stringify(key))
    if (start === null) return null
  }
  return start
}

/** The text of a member, see memberSpan. */
export function jsonMember(text: string, ...path: string[]): string | null {
  const span = memberSpan(text, path)
  return span && text.slice(span.start, span.end)
}

/** Where the value of a key begins, in the object that begins at `start`. */
function memberAt(text: string, start: number, key: string): number | null {
  if (text[start] !== '{') return null
  let at = start + 1
  while (text[at] === '"') {
    const keyEnd = endOfValue(text, at)
    const value = keyEnd + 1
    if (keyEnd - at === key.length && text.startsWith(key, at)) return value
    at = endOfValue(text, value)
    if (text[at] !== ',') return null
    at++
  }
  return null
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Behind the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        if (depth === 0) return at + 1
        break
      case 0x7b: // {
      case 0x5b: // [
        depth++
        break
      case 0x7d: // }
      case 0x5d: // ]
        // The end of what a bare value (a number, null) stands in.
        if (depth === 0) return at
        depth--
        if (depth === 0) return at + 1
        break
      case 0x2c: // ,
        if (depth === 0) return at
    }
  }
  return text.length
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return text.length
}
