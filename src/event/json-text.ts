import { cleanText } from '../record/clean-text.ts'
import type { JsonText } from '../record/records.ts'
import { ItemError } from './item-error.ts'

/** JSON that is text already, for what many events share. */
export class PreparedJson {
  readonly text: JsonText
  constructor(value: unknown) {
    this.text = toJsonText(value)
  }
}

const MAX_DEPTH = 32
/** Keys and list items in one value, all levels together. */
const MAX_PARTS = 10_000
// What Postgres refuses in jsonb: NUL characters and lone surrogates, as JSON.stringify writes them.
const POISON = /\\u0000|\\ud[89a-f][0-9a-f]{2}/i

/**
 * A value that came out of a parser as JSON text that Postgres accepts. Whole numbers beyond 2^53 are text in it. Throws
 * ItemError when it is nested too deeply or has too many parts.
 */
export function toJsonText(value: unknown): JsonText {
  if (value instanceof PreparedJson) return value.text
  countParts(value, 0, MAX_PARTS)
  const text = JSON.stringify(value)
  return POISON.test(text) ? JSON.stringify(cleaned(value)) : text
}

function countParts(value: unknown, depth: number, room: number): number {
  if (typeof value !== 'object' || value === null) return room
  if (depth >= MAX_DEPTH) throw new ItemError(`it is nested deeper than ${MAX_DEPTH} levels`, 'EVENT_TOO_LARGE')
  let left = room
  for (const key in value) {
    if (--left < 0) throw new ItemError(`it has more than ${MAX_PARTS} attributes in one column`, 'EVENT_TOO_LARGE')
    left = countParts((value as Record<string, unknown>)[key], depth + 1, left)
  }
  return left
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value, Number.POSITIVE_INFINITY)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cleaned)
  const clean = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) clean[cleanText(key)] = cleaned(item)
  return clean
}

// Only then is parsing worth a second look. Numbers stand behind one of these; ids in hex, behind a quotation mark.
const LONG_DIGITS = /(?:^|[[,:\s-])\d{16}/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Parses JSON so that no whole number changes: beyond 2^53 it becomes its digits as text. Throws what JSON.parse throws. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(LONG_DIGITS.test(text) ? quoteLongNumbers(text) : text)
}

function quoteLongNumbers(text: string): string {
  let result = ''
  let copied = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = endOfString(text, at)
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at
      const [digits] = NUMBER.exec(text) ?? ['-']
      if (digits.length >= 16 && /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))) {
        result += `${text.slice(copied, at)}"${digits}"`
        copied = at + digits.length
      }
      at += digits.length - 1
    }
  }
  return result + text.slice(copied)
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return at
  }
}
