import { EPOCH_MS } from './binary-writer.ts'

const POINT = 46
const ZERO = 48
const Z = 90
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/
/** `2026-11-21T10:20:30`: what instants of one second have in common. */
const SECOND_LENGTH = 19
const NO_SECOND = '?'
/** With microseconds and Z. */
const INSTANT_LENGTH = 27

/** Reads instants that are much alike: their second is parsed once. */
export class InstantReader {
  #second = NO_SECOND
  #secondMicros = 0

  /** Whole microseconds since 2000 of an instant in UTC, as text; null when it is none, or too far for a number. */
  read(text: string): number | null {
    const micros = text.length === INSTANT_LENGTH ? this.#readUsual(text) : toMicros(text)
    // Centuries from now microseconds are more than a number holds exactly.
    return micros !== null && Number.isSafeInteger(micros) ? micros : null
  }

  #readUsual(text: string): number | null {
    if (!text.startsWith(this.#second)) {
      const start = toMicros(`${text.slice(0, SECOND_LENGTH)}Z`)
      if (start === null) return null
      this.#second = text.slice(0, SECOND_LENGTH)
      this.#secondMicros = start
    }
    const micros = this.#secondMicros + decimals(text)
    return Number.isNaN(micros) ? toMicros(text) : micros
  }
}

/** An instant in UTC, as text, in microseconds since 2000; null when it is none. */
function toMicros(text: string): number | null {
  const [, second, fraction = ''] = INSTANT.exec(text) ?? []
  if (second === undefined) return null
  const ms = Date.parse(`${second}Z`)
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== second) return null
  return (ms - EPOCH_MS) * 1_000 + Number(fraction.padEnd(6, '0'))
}

/** The microseconds behind the second of an instant of INSTANT_LENGTH; NaN when it has another form. */
function decimals(text: string): number {
  if (text.charCodeAt(SECOND_LENGTH) !== POINT || text.charCodeAt(INSTANT_LENGTH - 1) !== Z) return Number.NaN
  let value = 0
  for (let place = SECOND_LENGTH + 1; place < INSTANT_LENGTH - 1; place++) {
    const digit = text.charCodeAt(place) - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
