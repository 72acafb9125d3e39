import type { JsonText } from './records.ts'

export interface CaptureLimits {
  /** Longest JSON text, in UTF-16 units. What comes after is cut and counted. */
  maxLength: number
  /** Deepest nesting that is written out. */
  maxDepth: number
}

export const DEFAULT_CAPTURE_LIMITS: CaptureLimits = { maxLength: 256 * 1_024, maxDepth: 12 }

const MAX_STRING_LENGTH = 64 * 1_024

/**
 * Any JavaScript value as JSON text that Postgres accepts, within limits; undefined becomes null. Never throws: values
 * that JSON cannot hold are described (`"[Circular]"`, `"123n"` for a BigInt, an Error with name, message and stack), getters that
 * throw say so, NUL characters and lone surrogates, which Postgres refuses, become U+FFFD. A cut is marked with the
 * original size.
 */
export function capture(value: unknown, limits: CaptureLimits = DEFAULT_CAPTURE_LIMITS): JsonText | null {
  if (value === undefined) return null
  const writer = new Writer(limits)
  return writer.write(value, 0)
}

/** Text that Postgres accepts: without NUL characters and lone surrogates, at most `maxLength` long. */
export function cleanText(text: string, maxLength: number = MAX_STRING_LENGTH): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}… [cut: ${text.length} characters]` : text
  const wellFormed = cut.isWellFormed() ? cut : cut.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed
}

class Writer {
  #remaining: number
  readonly #maxDepth: number
  readonly #open = new Set<object>()

  constructor(limits: CaptureLimits) {
    this.#remaining = limits.maxLength
    this.#maxDepth = limits.maxDepth
  }

  write(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        return this.#spend(Number.isFinite(value) ? String(value) : `"${value}"`)
      case 'boolean':
        return this.#spend(String(value))
      case 'bigint':
        return this.#spend(`"${value}n"`)
      case 'undefined':
        return this.#spend('null')
      case 'function':
        return this.#text(`[Function ${nameOf(value)}]`)
      case 'symbol':
        return this.#text(String(value))
      case 'object':
        return value === null ? this.#spend('null') : this.#object(value, depth)
    }
  }

  #object(value: object, depth: number): string {
    if (this.#open.has(value)) return this.#text('[Circular]')
    if (depth >= this.#maxDepth) return this.#text(Array.isArray(value) ? `[Array(${value.length})]` : '[Object]')
    if (this.#remaining <= 0) return '"[Cut]"'
    this.#open.add(value)
    try {
      return this.#structure(value, depth)
    } catch (error) {
      // A Proxy or a getter of the caller's threw: that is worth showing, and must not reach the caller.
      return this.#text(`[Unreadable: ${error instanceof Error ? error.message : 'threw'}]`)
    } finally {
      this.#open.delete(value)
    }
  }

  #structure(value: object, depth: number): string {
    if (Array.isArray(value)) return this.#list(value, value.length, depth)
    if (value instanceof Date) return this.#text(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString())
    if (value instanceof Error) return this.#fields(errorFields(value), depth)
    if (value instanceof Map) return this.#fields(mapEntries(value), depth)
    if (value instanceof Set) return this.#list(value, value.size, depth)
    if (ArrayBuffer.isView(value)) return this.#text(`[${value.constructor.name}: ${value.byteLength} bytes]`)
    if (value instanceof RegExp || value instanceof URL) return this.#text(String(value))
    if (value instanceof Promise || value instanceof WeakMap || value instanceof AbortSignal) {
      return this.#text(`[${value.constructor.name}]`)
    }
    const toJson = (value as { toJSON?: unknown }).toJSON
    if (typeof toJson === 'function') return this.write(toJson.call(value), depth + 1)
    return this.#fields(ownEntries(value), depth)
  }

  #list(values: Iterable<unknown>, size: number, depth: number): string {
    let text = '['
    let written = 0
    for (const item of values) {
      if (this.#remaining <= 0) {
        text += `${written ? ',' : ''}"[Cut: ${size - written} more]"`
        break
      }
      text += (written ? ',' : '') + this.write(item, depth + 1)
      this.#remaining--
      written++
    }
    return this.#spend(']', text)
  }

  #fields(entries: Iterable<[string, unknown]>, depth: number): string {
    let text = '{'
    let written = 0
    for (const [key, item] of entries) {
      if (item === undefined || typeof item === 'function') continue
      if (this.#remaining <= 0) {
        text += `${written ? ',' : ''}"[Cut]":true`
        break
      }
      text += `${written ? ',' : ''}${this.#text(key)}:${this.write(item, depth + 1)}`
      this.#remaining -= 2
      written++
    }
    return this.#spend('}', text)
  }

  #text(text: string): string {
    return this.#spend(JSON.stringify(cleanText(text, Math.max(64, Math.min(MAX_STRING_LENGTH, this.#remaining)))))
  }

  #spend(text: string, before = ''): string {
    this.#remaining -= text.length
    return before + text
  }
}

function* ownEntries(value: object): Generator<[string, unknown]> {
  for (const key of Object.keys(value)) {
    let item: unknown
    try {
      item = (value as Record<string, unknown>)[key]
    } catch (error) {
      item = `[Getter threw: ${error instanceof Error ? error.message : 'a non-error'}]`
    }
    yield [key, item]
  }
}

function* mapEntries(map: Map<unknown, unknown>): Generator<[string, unknown]> {
  for (const [key, item] of map) yield [typeof key === 'object' ? '[Object key]' : String(key), item]
}

function* errorFields(error: Error): Generator<[string, unknown]> {
  yield ['name', error.name]
  yield ['message', error.message]
  yield ['stack', error.stack]
  if (error.cause !== undefined) yield ['cause', error.cause]
  for (const [key, item] of ownEntries(error)) {
    if (key !== 'name' && key !== 'message' && key !== 'stack' && key !== 'cause') yield [key, item]
  }
}

function nameOf(value: unknown): string {
  return typeof value === 'function' && value.name !== '' ? value.name : 'anonymous'
}
