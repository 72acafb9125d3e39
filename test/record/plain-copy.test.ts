import { describe, expect, it } from 'vitest'
import { capture, DEFAULT_CAPTURE_LIMITS } from '../../src/record/capture.ts'
import { NOT_PLAIN, plainCopy } from '../../src/record/plain-copy.ts'
import { Redactor } from '../../src/record/redact.ts'
import { ValueCapture } from '../../src/record/value-capture.ts'

const redactor = new Redactor({ keys: ['iban'], paths: ['payload.*.code', 'payload.list.1', 'payload.a.b'] })
const values = (maxBytes: number, maxDepth: number): ValueCapture =>
  new ValueCapture({ captureErrorStacks: false, limits: { maxBytes, maxDepth }, redactor })

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const KEYS = [
  'a',
  'b',
  'code',
  'list',
  'password',
  'Api-Key',
  'iban',
  'tracking_token',
  '',
  '0',
  '__proto__',
  'k"\\\n',
  'ü\0\ud800',
  'x'.repeat(1_100),
]
class Point {
  x = 1
}
const LEAVES: readonly (() => unknown)[] = [
  () => 'text',
  () => '4111 1111 1111 1111',
  () => 'https://me:secret@host/',
  () => 'quote " back \\ line \n nul \0 lone \udc00 pair 😀 \u2028 \x7f',
  () => 'y'.repeat(300),
  () => 'ß'.repeat(70_000),
  () => '',
  () => 0,
  () => -0,
  () => 1e21,
  () => 4111111111111111,
  () => Number.NaN,
  () => Number.NEGATIVE_INFINITY,
  () => true,
  () => null,
  () => undefined,
  () => 10n ** 20n,
  () => Symbol('s'),
  () => () => 1,
]
const ODD: readonly (() => unknown)[] = [
  () => new Date(0),
  () => new Map([['password', 'x']]),
  () => new Set([1]),
  () => new Error('broke'),
  () => /x/,
  () => Buffer.from('x'),
  () => new Point(),
  () => Object.create(null),
  () => ({ toJSON: () => 'own' }),
  () => new Proxy({ a: 1 }, {}),
  () => Object.assign(new Array(3), { 0: 'a', 2: 'c' }),
  () => Object.assign(['a'], { extra: 1 }),
  () => new (class List extends Array {})(2),
]

function oddValue(random: () => number, depth: number): unknown {
  const pick = <Item>(from: readonly Item[]): Item => from[Math.floor(random() * from.length)] as Item
  if (random() < 0.03) return pick(ODD)()
  if (depth === 0 || random() < 0.5) return pick(LEAVES)()
  const size = Math.floor(random() * 5)
  if (random() < 0.3) return Array.from({ length: size }, () => oddValue(random, depth - 1))
  const object: Record<string, unknown> = {}
  for (let n = 0; n < size; n++) {
    const key = pick(KEYS)
    const property = random() < 0.05 ? { get: () => 'got' } : { value: oddValue(random, depth - 1) }
    Object.defineProperty(object, key, { enumerable: true, configurable: true, ...property })
  }
  if (random() < 0.02) object.self = object
  return object
}

describe('a value of which the text is made later', () => {
  it('has the text that it would have had at once, whatever it is', () => {
    const random = sequence(7)
    let copied = 0
    for (let n = 0; n < 4_000; n++) {
      const value = oddValue(random, 4)
      const [maxBytes, maxDepth] = [[40, 200, 1_000, 256 * 1_024][n % 4] as number, [2, 4, 12][n % 3] as number]
      const capturing = values(maxBytes, maxDepth)
      if (plainCopy(value, maxDepth) !== NOT_PLAIN) copied++
      expect(capturing.later(value, 'payload').json).toBe(capturing.json(value, 'payload'))
    }
    expect(copied).toBeGreaterThan(2_500)
  })

  it('shows the value as it was', () => {
    const payload = { list: [{ n: 1 }], text: 'before', gone: true as unknown, nested: { deep: ['x'] } }
    const later = values(1_000, 12).later(payload, 'payload')
    const atOnce = capture(payload)
    payload.list[0] = { n: 2 }
    payload.text = 'after'
    delete payload.gone
    payload.nested.deep.push('y')
    expect(later.json).toBe(atOnce)
  })

  it('holds no secret when it leaves', () => {
    const later = values(1_000, 12).later({ password: 'hunter2', card: '4111111111111111' }, 'payload')
    expect(later.json).toBe('{"password":"[Redacted]","card":"[Redacted]"}')
  })

  it('reads each property once', () => {
    let reads = 0
    const value = {
      get counted() {
        return ++reads
      },
    }
    expect(values(1_000, 12).later(value, 'payload').json).toBe('{"counted":1}')
  })

  it('is not kept as a copy where that would be large, or could not be the same', () => {
    const { maxDepth } = DEFAULT_CAPTURE_LIMITS
    const loop: unknown[] = []
    loop.push(loop)
    const throwing = Object.defineProperty({}, 'a', {
      enumerable: true,
      get() {
        throw new Error('no entry')
      },
    })
    for (const value of [loop, throwing, Array.from({ length: 6_000 }, () => 1), [() => 1], { d: new Date() }]) {
      expect(plainCopy(value, maxDepth)).toBe(NOT_PLAIN)
    }
  })
})
