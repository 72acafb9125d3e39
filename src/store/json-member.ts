/** A part of a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING = 0x7b

/**
 * Where a member begins within JSON text, by the keys that lead to it; null when it is not there. The text is one that we wrote
 * ourselves (valid, without blanks between its parts): it is found, not parsed, which is faster and keeps every digit.
 */
export function memberStart(text: string, path: readonly string[]): number | null {
  let start = 0
  for (const key of path) {
    const value = memberAt(text, start, quoted(key))
    if (value === null) return null
    start = value
  }
  return start
}

/** Where two members of the object that begins at `start` stand, in any order; null for what is not there. */
export function twoMembers(text: string, start: number, keys: readonly [string, string]): [Span | null, Span | null] {
  const [first, second] = [quoted(keys[0]), quoted(keys[1])]
  const spans: [Span | null, Span | null] = [null, null]
  let at = text.charCodeAt(start) === OPENING ? start + 1 : text.length
  while (text.charCodeAt(at) === QUOTE && (spans[0] === null || spans[1] === null)) {
    const keyEnd = endOfString(text, at) + 1
    const end = endOfValue(text, keyEnd + 1)
    if (isKey(text, at, keyEnd, first)) spans[0] = { start: keyEnd + 1, end }
    else if (isKey(text, at, keyEnd, second)) spans[1] = { start: keyEnd + 1, end }
    at = end + 1
  }
  return spans
}

/** The text of a member, see memberStart. */
export function jsonMember(text: string, ...path: string[]): string | null {
  const start = memberStart(text, path)
  return start === null ? null : text.slice(start, endOfValue(text, start))
}

/** Where the value of a key begins, in the object that begins at `start`. */
function memberAt(text: string, start: number, key: string): number | null {
  if (text.charCodeAt(start) !== OPENING) return null
  let at = start + 1
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at) + 1
    if (isKey(text, at, keyEnd, key)) return keyEnd + 1
    at = endOfValue(text, keyEnd + 1)
    if (text.charCodeAt(at) !== COMMA) return null
    at++
  }
  return null
}

function isKey(text: string, start: number, end: number, key: string): boolean {
  return end - start === key.length && text.startsWith(key, start)
}

// The keys that are looked for are few.
const known = new Map<string, string>()

function quoted(key: string): string {
  let json = known.get(key)
  if (json === undefined) {
    json = JSON.stringify(key)
    known.set(key, json)
  }
  return json
}

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
