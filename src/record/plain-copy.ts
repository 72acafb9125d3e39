/** An object's fields as they were: primitive values, arrays, and copies of the objects within. */
export class PlainCopy {
  readonly keys: readonly string[]
  readonly values: readonly unknown[]

  constructor(keys: readonly string[], values: readonly unknown[]) {
    this.keys = keys
    this.values = values
  }

  /** For comparisons of values within, which read a copy as they read the object. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.keys.map((key, index) => [key, this.values[index]]))
  }
}

/**
 * A field of an object or of its copy; undefined for everything else, and where a getter or a Proxy throws. `near` is where a copy
 * may have it.
 */
export function fieldOf(value: unknown, key: string, near = 0): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    if (!(value instanceof PlainCopy)) return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
  const { keys, values } = value
  if (keys[near] === key) return values[near]
  for (let index = 0; index < keys.length; index++) if (keys[index] === key) return values[index]
  return undefined
}

/** The names of the fields of an object or of its copy; none where a Proxy does not tell. */
export function fieldNames(value: object): readonly string[] {
  try {
    return value instanceof PlainCopy ? value.keys : Object.keys(value)
  } catch {
    return []
  }
}

/** What `plainCopy` returns for values that only live can be read as they are. */
export const NOT_PLAIN = Symbol('not plain')

// Copies of larger values would weigh more than their text.
const MAX_VALUES = 5_000

/**
 * A copy of what is plain data, as a payload that was JSON is: `capture` makes the same text of it as of the value now, whatever
 * becomes of that. Taking it costs a tenth of what the text does. NOT_PLAIN for what holds more than plain objects, arrays
 * and primitive values, is nested deeper than `maxDepth`, or is very large. Reads each property once. `kept` chooses among
 * the fields of the value itself.
 */
export function plainCopy(value: unknown, maxDepth: number, kept?: (key: string) => boolean): unknown {
  try {
    remaining = MAX_VALUES
    return copyOf(value, maxDepth, kept)
  } catch {
    // A getter or a Proxy of the caller's threw.
    return NOT_PLAIN
  }
}

let remaining = 0
const arrayIterator = Array.prototype[Symbol.iterator]

function copyOf(value: unknown, depthLeft: number, kept?: (key: string) => boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Loops end here, too.
  if (depthLeft <= 0) return NOT_PLAIN
  if (Array.isArray(value)) return listOf(value, depthLeft)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return NOT_PLAIN
  const keys = kept ? Object.keys(value).filter(kept) : Object.keys(value)
  remaining -= keys.length
  if (remaining < 0) return NOT_PLAIN
  const values = new Array<unknown>(keys.length)
  for (let index = 0; index < keys.length; index++) {
    const copy = copyOf((value as Record<string, unknown>)[keys[index] as string], depthLeft - 1)
    if (copy === NOT_PLAIN) return NOT_PLAIN
    values[index] = copy
  }
  return new PlainCopy(keys, values)
}

function listOf(list: readonly unknown[], depthLeft: number): unknown {
  if (Object.getPrototypeOf(list) !== Array.prototype || list[Symbol.iterator] !== arrayIterator) return NOT_PLAIN
  remaining -= list.length
  if (remaining < 0) return NOT_PLAIN
  const values = new Array<unknown>(list.length)
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    // Its name, which is what is shown, may change.
    const copy = typeof item === 'function' ? NOT_PLAIN : copyOf(item, depthLeft - 1)
    if (copy === NOT_PLAIN) return NOT_PLAIN
    values[index] = copy
  }
  return values
}
