import { randomUUID } from 'node:crypto'

/** A number of a client's JSON whose value JavaScript cannot hold: 2^53 + 1, 1e400, thirty decimals. */
export class LongNumber {
  /** As it was written. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON as `JSON.parse` reads it, but no number loses its digits. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!MAY_BE_LONG.test(text)) return value
  // Nobody can guess it, so no string of the client begins so.
  const mark = `${randomUUID()}:`
  const marked = markLongNumbers(text, mark)
  if (marked === text) return value
  return JSON.parse(marked, (_, item: unknown) =>
    typeof item === 'string' && item.startsWith(mark) ? new LongNumber(item.slice(mark.length)) : item,
  )
}

// Fifteen digits are always kept, and three of an exponent are needed to leave what a double can be.
const MAY_BE_LONG = /[\d.]{16}|\d[eE][+-]?\d{3}/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** The text with each long number as a string that begins with `mark`. It has to be JSON. */
function markLongNumbers(text: string, mark: string): string {
  let marked = ''
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at)
    if (character === '"') {
      at = endOfString(text, at)
      continue
    }
    if (character !== '-' && !(character >= '0' && character <= '9')) {
      at++
      continue
    }
    NUMBER.lastIndex = at
    const [number = character] = NUMBER.exec(text) ?? []
    if (!isHeld(number)) {
      marked += `${text.slice(copied, at)}"${mark}${number}"`
      copied = at + number.length
    }
    at += number.length
  }
  return marked + text.slice(copied)
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at + 1
}

/** Whether JavaScript's number of it is the same number. */
function isHeld(number: string): boolean {
  const value = Number(number)
  return Number.isFinite(value) && decimal(String(value)) === decimal(number)
}

/** Digits and power of ten, in one way of the many in which a number can be written. */
function decimal(number: string): string {
  const [mantissa = '', exponent = '0'] = number.replace('-', '').toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '0' : `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}
