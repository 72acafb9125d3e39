import { cleanText, cutText, MAX_TEXT_LENGTH, toBeSearched } from './clean-text.ts'
import { PlainCopy } from './plain-copy.ts'
import type { JsonText } from './records.ts'
import { type PathStep, REDACTED, type RedactionRoot, type Redactor, stepInto } from './redact.ts'

export interface CaptureLimits {
  /** Longest JSON text, in bytes of UTF-8. What comes after is cut and counted; the marks of that come on top. */
  maxBytes: number
  /** Deepest nesting that is written out. */
  maxDepth: number
}

export const DEFAULT_CAPTURE_LIMITS: CaptureLimits = { maxBytes: 256 * 1_024, maxDepth: 12 }

const MAX_KEY_LENGTH = 1_024

/**
 * Any JavaScript value as JSON text that Postgres accepts, within limits; undefined becomes null. Never throws: values
 * that JSON cannot hold are described (`"[Circular]"`, `"123n"` for a BigInt, an Error with name, message and stack), getters that
 * throw say so, NUL characters and lone surrogates, which Postgres refuses, become U+FFFD. A cut is marked with the
 * original size. With a redactor, secrets become `"[Redacted]"`; `root` is what its paths call this value.
 */
export function capture(
  value: unknown,
  limits: CaptureLimits = DEFAULT_CAPTURE_LIMITS,
  redactor: Redactor | null = null,
  root: RedactionRoot = 'payload',
): JsonText | null {
  if (value === undefined) return null
  return new Writer(limits, redactor).write(value, 0, redactor?.pathsOf(root) ?? null)
}

// Shorter than any limit on texts.
const MAX_SIMPLE_LENGTH = 48
// What stands in JSON as an escape, or takes more than a byte. Of long texts that is seen in a third of the time of JSON.stringify.
const NOT_AS_IT_IS = /[^ !#-[\]-~]/
const QUOTE = 0x22
const BACKSLASH = 0x5c
const REDACTED_JSON = JSON.stringify(REDACTED)
// More than the mark of a cut, the quotes, and a character that is written as an escape.
const MARK_BYTES = 64
const ERROR_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors'])
const UNREADABLE = [Promise, WeakMap, WeakSet, WeakRef, AbortSignal]

type Paths = readonly PathStep[] | null

class Writer {
  #remaining: number
  readonly #maxDepth: number
  readonly #redactor: Redactor | null
  /** The objects that are being written, outermost first: few, so looking through them is cheaper than a set. */
  readonly #open: object[] = []

  constructor(limits: CaptureLimits, redactor: Redactor | null) {
    this.#remaining = limits.maxBytes
    this.#maxDepth = limits.maxDepth
    this.#redactor = redactor
  }

  write(value: unknown, depth: number, paths: Paths): string {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        if (!Number.isFinite(value)) return this.#spend(`"${value}"`)
        return this.#spend(value >= 1e12 && this.#redactor?.number(value) ? REDACTED_JSON : String(value))
      case 'boolean':
        return this.#spend(String(value))
      case 'bigint':
        return this.#spend(this.#redactor?.number(value) ? REDACTED_JSON : `"${value}n"`)
      case 'undefined':
        return this.#spend('null')
      case 'function':
        return this.#text(`[Function ${nameOf(value)}]`)
      case 'symbol':
        return this.#text(String(value))
      case 'object':
        return value === null ? this.#spend('null') : this.#object(value, depth, paths)
    }
  }

  #object(value: object, depth: number, paths: Paths): string {
    if (this.#open.includes(value)) return this.#text('[Circular]')
    this.#open.push(value)
    try {
      return this.#structure(value, depth, paths)
    } catch (error) {
      // A Proxy or a getter of the caller's threw: that is worth showing, and must not reach the caller.
      return this.#text(`[Unreadable: ${error instanceof Error ? error.message : 'threw'}]`)
    } finally {
      this.#open.pop()
    }
  }

  #structure(value: object, depth: number, paths: Paths): string {
    const hasRoom = depth < this.#maxDepth && this.#remaining > 0
    if (Array.isArray(value) && hasRoom) return this.#list(value, value.length, depth, paths)
    if (value instanceof PlainCopy && hasRoom) return this.#copy(value, depth, paths)
    const prototype = Object.getPrototypeOf(value)
    // Most objects are plain: they need not be compared with everything else.
    if (prototype !== Object.prototype && prototype !== null) {
      if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
        return this.write(value.valueOf(), depth, paths)
      }
      const text = textOf(value)
      if (text !== null) return this.#text(text)
    }
    if (!hasRoom) return this.#text(sizeOf(value))
    if (value instanceof Error) return this.#error(value, depth, paths)
    if (value instanceof Map) return this.#map(value, depth, paths)
    if (value instanceof Set) return this.#list(value, value.size, depth, paths)
    const toJson = (value as { toJSON?: unknown }).toJSON
    if (typeof toJson === 'function') return this.write(toJson.call(value), depth + 1, paths)
    const fields = new Fields()
    this.#own(fields, value, Object.keys(value), depth, paths)
    return this.#spend('}', fields.text)
  }

  #own(fields: Fields, value: object, keys: readonly string[], depth: number, paths: Paths): void {
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      if (this.#field(fields, key, readOwn(value, key), depth, paths)) continue
      fields.cut(keys.length - index)
      break
    }
  }

  #copy({ keys, values }: PlainCopy, depth: number, paths: Paths): string {
    const fields = new Fields()
    for (let index = 0; index < keys.length; index++) {
      if (this.#field(fields, keys[index] as string, values[index], depth, paths)) continue
      fields.cut(keys.length - index)
      break
    }
    return this.#spend('}', fields.text)
  }

  #list(values: Iterable<unknown>, size: number, depth: number, paths: Paths): string {
    let text = '['
    let written = 0
    for (const item of values) {
      if (this.#remaining <= 0) {
        text += `${written ? ',' : ''}"[Cut: ${size - written} more]"`
        break
      }
      const into = paths && stepInto(paths, String(written))
      const json = into?.some(step => step.ends) ? this.#spend(REDACTED_JSON) : this.write(item, depth + 1, into)
      text += written ? `,${json}` : json
      this.#remaining--
      written++
    }
    return this.#spend(']', text)
  }

  #map(map: Map<unknown, unknown>, depth: number, paths: Paths): string {
    const fields = new Fields()
    let written = 0
    for (const [key, item] of map) {
      if (!this.#field(fields, typeof key === 'object' ? '[Object key]' : String(key), item, depth, paths)) {
        fields.cut(map.size - written)
        break
      }
      written++
    }
    return this.#spend('}', fields.text)
  }

  #error(error: Error, depth: number, paths: Paths): string {
    const fields = new Fields()
    const redactor = this.#redactor
    const text = (value: unknown): unknown =>
      typeof value === 'string' && redactor ? cleanText(value, MAX_TEXT_LENGTH, found => redactor.text(found)) : value
    this.#field(fields, 'name', error.name, depth, paths)
    this.#field(fields, 'message', text(error.message), depth, paths)
    this.#field(fields, 'stack', text(error.stack), depth, paths)
    this.#field(fields, 'cause', error.cause, depth, paths)
    this.#field(fields, 'errors', (error as { errors?: unknown }).errors, depth, paths)
    const others = Object.keys(error).filter(key => !ERROR_FIELDS.has(key))
    this.#own(fields, error, others, depth, paths)
    return this.#spend('}', fields.text)
  }

  /** Adds a field; false when there is no room for more. */
  #field(fields: Fields, key: string, item: unknown, depth: number, paths: Paths): boolean {
    if (item === undefined || typeof item === 'function') return true
    if (this.#remaining <= 0) return false
    const known = this.#redactor?.key(key, keyJson)
    const json = known?.json ?? keyJson(key)
    this.#remaining -= (known?.bytes ?? Buffer.byteLength(json)) + 1
    const into = paths && stepInto(paths, key)
    const hidden = (known?.secret && item !== null && typeof item !== 'boolean') || into?.some(step => step.ends)
    fields.add(json, hidden ? this.#spend(REDACTED_JSON) : this.write(item, depth + 1, into))
    return true
  }

  #text(text: string): string {
    const seen = toBeSearched(text)
    const shown = this.#redactor ? this.#redactor.value(seen) : seen
    const isCut = seen !== text
    if (!isCut && isSimple(shown)) return this.#spend(`"${shown}"`)
    const room = Math.max(64, Math.min(MAX_TEXT_LENGTH, this.#remaining))
    if (!isCut && shown.length <= room && !NOT_AS_IT_IS.test(shown)) return this.#spend(`"${shown}"`)
    let json = JSON.stringify(cutText(shown, room, text.length, isCut))
    let bytes = Buffer.byteLength(json)
    // Escapes and characters beyond ASCII are longer than one byte.
    for (let length = room; bytes > room + MARK_BYTES; bytes = Buffer.byteLength(json)) {
      length = Math.floor(Math.min(length, shown.length) * Math.min(0.9, room / bytes))
      json = JSON.stringify(cutText(shown, length, text.length, isCut))
    }
    this.#remaining -= bytes
    return json
  }

  // For ASCII.
  #spend(text: string, before = ''): string {
    this.#remaining -= text.length
    return before + text
  }
}

class Fields {
  text = '{'
  #first = true

  add(key: string, value: string): void {
    this.text += this.#first ? key + value : `,${key}${value}`
    this.#first = false
  }

  cut(more: number): void {
    this.add('"[Cut]":', `"${more} more"`)
  }
}

// What is written as a text, also where there is no room for more.
function textOf(value: object): string | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.constructor.name}: ${value.byteLength} bytes]`
  }
  if (value instanceof RegExp || value instanceof URL) return String(value)
  if (UNREADABLE.some(type => value instanceof type)) return `[${value.constructor.name}]`
  return null
}

function sizeOf(value: object): string {
  if (Array.isArray(value)) return `[Array(${value.length})]`
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name}(${value.size})]`
  if (value instanceof Error) return '[Error]'
  return `[Object(${(value instanceof PlainCopy ? value.keys : Object.keys(value)).length})]`
}

// Whether a text is short and stands in JSON as it is. Most do, and that is seen faster than JSON.stringify is called.
function isSimple(text: string): boolean {
  if (text.length > MAX_SIMPLE_LENGTH) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false
  }
  return true
}

function keyJson(key: string): string {
  return `${JSON.stringify(cleanText(key, MAX_KEY_LENGTH))}:`
}

/** A field, or what its getter threw, as text. */
export function readOwn(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch (error) {
    return `[Getter threw: ${error instanceof Error ? error.message : 'a non-error'}]`
  }
}

function nameOf(value: unknown): string {
  return typeof value === 'function' && value.name !== '' ? value.name : 'anonymous'
}
