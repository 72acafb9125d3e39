import { ObservabilityError } from './errors.ts'

/** What one value may be: reads it, or says what would be allowed. */
export interface Field<T> {
  read(value: unknown): T | Mistake
}

/** What would be allowed instead. */
export class Mistake {
  readonly allowed: string
  constructor(allowed: string) {
    this.allowed = allowed
  }
}

/** Environment variables are text, options are not: both are read by the same fields. */
const isOff = (value: unknown): boolean => typeof value === 'string' && /^(?:false|0|off|no)$/i.test(value)
const isOn = (value: unknown): boolean => typeof value === 'string' && /^(?:true|1|on|yes)$/i.test(value)

export const flag: Field<boolean> = {
  read: value =>
    typeof value === 'boolean' ? value : isOn(value) ? true : isOff(value) ? false : new Mistake('true or false'),
}

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Field<number> {
  const allowed = `a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`
  return {
    read(value) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
        return new Mistake(allowed)
      }
      return number
    },
  }
}

export function number(min: number, max: number): Field<number> {
  return {
    read(value) {
      const result = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof result === 'number' && result >= min && result <= max) return result
      return new Mistake(`a number from ${min} to ${max}`)
    },
  }
}

export const text: Field<string> = {
  read: value => (typeof value === 'string' && value !== '' ? value : new Mistake('a text that is not empty')),
}

export const identifier: Field<string> = {
  read: value =>
    typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value)
      ? value
      : new Mistake('a Postgres name: lower-case letters, digits and _, at most 63, no digit first'),
}

export function oneOf<const T extends string>(...choices: T[]): Field<T> {
  return {
    read: value => choices.find(choice => choice === value) ?? new Mistake(`one of ${choices.join(', ')}`),
  }
}

export function url(...protocols: string[]): Field<string> {
  return {
    read(value) {
      const allowed = new Mistake(`an address like ${protocols[0]}//…`)
      if (typeof value !== 'string' || !URL.canParse(value)) return allowed
      return protocols.includes(new URL(value).protocol) ? value : allowed
    },
  }
}

/** A list of texts, each of which `item` accepts. */
export function listOf<T>(item: Field<T>, atLeast = 0): Field<readonly T[]> {
  return {
    read(value) {
      const example = item.read(undefined)
      const allowed = new Mistake(
        `a list${atLeast > 0 ? ' that is not empty' : ''}, each ${example instanceof Mistake ? example.allowed : 'anything'}`,
      )
      if (!Array.isArray(value) || value.length < atLeast) return allowed
      const items = value.map(each => item.read(each))
      return items.some(each => each instanceof Mistake) ? allowed : Object.freeze(items as T[])
    },
  }
}

/** A text of a certain form. */
export function matching(pattern: RegExp, allowed: string): Field<string> {
  return { read: value => (typeof value === 'string' && pattern.test(value) ? value : new Mistake(allowed)) }
}

/** What node-postgres takes as `ssl`. */
export const tls: Field<boolean | object> = {
  read: value =>
    typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value))
      ? value
      : new Mistake('true, false, or an object of TLS settings'),
}

// Shown when a mistake is reported, never the values of these.
const SECRET = /url|connectionstring|password|secret|token|ssl|headers|jwt|^database$/i

/** Collects every mistake, so that all of them are reported at once. */
export class ConfigReader {
  readonly #subject: string
  readonly #mistakes: string[] = []

  constructor(subject: string) {
    this.#subject = subject
  }

  /** The value of an option, or `fallback` when it is not set. */
  get<T, F>(name: string, value: unknown, field: Field<T>, fallback: F): T | F {
    if (value === undefined || value === null || value === '') return fallback
    const result = field.read(value)
    if (!(result instanceof Mistake)) return result
    this.#mistakes.push(`${name}: got ${shown(name, value)}, allowed is ${result.allowed}`)
    return fallback
  }

  /** The options below an option; none when it is not set. */
  section<T extends object>(name: string, value: T | undefined, known: readonly (keyof T & string)[]): Partial<T> {
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.#mistakes.push(`${name}: got ${shown(name, value)}, allowed is an object with ${known.join(', ')}`)
      return {}
    }
    this.refuseUnknown(`${name}.`, value, known)
    return value
  }

  refuseUnknown(where: string, value: object, known: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) this.#mistakes.push(`${where}${key}: unknown option; known are ${known.join(', ')}`)
    }
  }

  mistake(text: string): void {
    this.#mistakes.push(text)
  }

  /** Throws CONFIG_INVALID with all mistakes, if there are any. */
  finish(): void {
    if (this.#mistakes.length === 0) return
    throw new ObservabilityError(
      'CONFIG_INVALID',
      `${this.#subject} is not valid:\n${this.#mistakes.map(mistake => `  - ${mistake}`).join('\n')}`,
    )
  }
}

function shown(name: string, value: unknown): string {
  // Also addresses with a user and a password in them.
  if (SECRET.test(name) || (typeof value === 'string' && /\/\/[^/]*@/.test(value))) return `${typeof value} (not shown)`
  // JSON has no NaN and no Infinity.
  if (typeof value === 'number') return String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // A circular or BigInt value: its kind is enough to find it.
    return `a ${typeof value}`
  }
}
