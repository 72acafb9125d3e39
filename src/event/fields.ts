import { ItemError } from './item-error.ts'
import { readTime } from './times.ts'
import type { Timestamp, Whole } from './unified-event.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * Reads an object of unknown content: a field is of the kind that is asked for, or missing (null), or an ItemError that
 * names it. What was not asked for is the rest, so that nothing gets lost.
 */
export class Fields {
  readonly #values: Values
  readonly #path: string
  readonly #read = new Set<string>()

  constructor(value: unknown, path = '') {
    if (!isObject(value)) throw new ItemError(`${path || 'the item'} is ${kindOf(value)}, not an object`)
    this.#values = value
    this.#path = path
  }

  has(key: string): boolean {
    return this.#value(key) !== null
  }

  /** A text; a number counts as its digits. */
  text(key: string): string | null {
    const value = this.#value(key)
    if (value === null || value === '') return null
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
    throw this.wrong(key, 'a text')
  }

  /** A text, also an empty one. */
  exactText(key: string): string | null {
    return this.#value(key) === '' ? '' : this.text(key)
  }

  requiredText(key: string): string {
    const value = this.text(key)
    if (value === null) throw new ItemError(`${this.#name(key)} is missing`)
    return value
  }

  oneOf<const T extends string>(key: string, choices: readonly T[]): T | null {
    const value = this.text(key)
    if (value === null) return null
    const choice = choices.find(each => each === value)
    if (choice === undefined) throw this.wrong(key, `one of ${choices.join(', ')}`)
    return choice
  }

  number(key: string): number | null {
    const value = this.#value(key)
    if (value === null) return null
    if (typeof value === 'number' && Number.isFinite(value)) return value
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
    if (!Number.isFinite(number)) throw this.wrong(key, 'a number')
    return number
  }

  /** A whole number of 64 bits, exact. */
  whole(key: string): Whole | null {
    const value = this.#value(key)
    if (value === null) return null
    const whole = toWhole(value)
    if (whole === null) throw this.wrong(key, 'a whole number of at most 64 bits')
    return whole
  }

  flag(key: string): boolean | null {
    const value = this.#value(key)
    if (value === null || typeof value === 'boolean') return value
    throw this.wrong(key, 'true or false')
  }

  time(key: string): Timestamp | null {
    const value = this.#value(key)
    if (value === null) return null
    const time = readTime(value)
    if (time === null) throw this.wrong(key, 'a time, such as "2026-11-21T10:20:30.123Z" or milliseconds since 1970')
    return time
  }

  fields(key: string): Fields | null {
    const value = this.#value(key)
    return value === null ? null : new Fields(value, this.#name(key))
  }

  object(key: string): Values | null {
    const value = this.#value(key)
    if (value === null) return null
    if (!isObject(value)) throw this.wrong(key, 'an object')
    return value
  }

  list(key: string): readonly unknown[] | null {
    const value = this.#value(key)
    if (value === null) return null
    if (!Array.isArray(value)) throw this.wrong(key, 'a list')
    return value
  }

  any(key: string): unknown {
    return this.#value(key)
  }

  /** What nobody asked for; null when that is nothing. */
  rest(): Record<string, unknown> | null {
    let rest: Record<string, unknown> | null = null
    for (const key of Object.keys(this.#values)) {
      if (this.#read.has(key)) continue
      // Without a prototype a key named __proto__ is a key like any other.
      rest ??= Object.create(null) as Record<string, unknown>
      rest[key] = this.#values[key]
    }
    return rest
  }

  wrong(key: string, wanted: string): ItemError {
    return new ItemError(`${this.#name(key)} is ${shown(this.#values[key])}, not ${wanted}`)
  }

  #value(key: string): unknown {
    this.#read.add(key)
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? null) : null
  }

  #name(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }
}

const MAX_INT64 = 2n ** 63n

/** A whole number that fits 64 bits: as number where that is exact, else as decimal text; null when it is none. */
export function toWhole(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null
  if (typeof value === 'string' && !/^-?\d{1,19}$/.test(value)) return null
  if (typeof value !== 'string' && typeof value !== 'bigint') return null
  const whole = BigInt(value)
  if (whole >= MAX_INT64 || whole < -MAX_INT64) return null
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : String(whole)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Sets a member, whatever its name: __proto__ is one like any other. Objects without a prototype, which need no such care, are
 * hash tables, and several times slower to fill and to go through.
 */
export function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

function shown(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return kindOf(value)
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`
}

/** Several objects as one, without what is empty; null when nothing is left. */
export function merged(
  ...parts: (Readonly<Record<string, unknown>> | null | undefined)[]
): Record<string, unknown> | null {
  let all: Record<string, unknown> | null = null
  for (const part of parts) {
    if (!part) continue
    for (const key of Object.keys(part)) {
      if (part[key] === null || part[key] === undefined) continue
      all ??= Object.create(null) as Record<string, unknown>
      all[key] = part[key]
    }
  }
  return all
}
