import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Flusher } from '../../src/buffer/flusher.ts'
import { type Entry, RowBuffer } from '../../src/buffer/row-buffer.ts'

const entry = (key: string, row = key, bytes = 1): Entry<string> => ({ key, row, bytes })
const rows = (batch: Entry<string>[]): string[] => batch.map(item => item.row)

describe('the row buffer', () => {
  it('gives rows in the order they came, the newest version of each', () => {
    const buffer = new RowBuffer<string>({ maxRows: 10, maxBytes: 100 })
    for (const item of [entry('a'), entry('b'), entry('a', 'a2', 5)]) buffer.put(item)
    expect([buffer.rows, buffer.bytes]).toEqual([2, 6])
    expect(rows(buffer.take(1))).toEqual(['a2'])
    expect(rows(buffer.take(9))).toEqual(['b'])
    expect([buffer.rows, buffer.bytes]).toEqual([0, 0])
  })

  it('takes rows back as the oldest, unless a newer version came', () => {
    const buffer = new RowBuffer<string>({ maxRows: 10, maxBytes: 100 })
    buffer.put(entry('a'))
    buffer.put(entry('b'))
    const batch = buffer.take(2)
    buffer.put(entry('c'))
    buffer.put(entry('a', 'a2'))
    buffer.putBack(batch)
    expect(rows(buffer.take(9))).toEqual(['b', 'c', 'a2'])
  })

  it('gives the oldest up when it is full, in rows or bytes, and counts', () => {
    const buffer = new RowBuffer<string>({ maxRows: 3, maxBytes: 10 })
    for (const key of ['a', 'b', 'c', 'd']) buffer.put(entry(key))
    expect(buffer.dropped).toBe(1)
    buffer.put(entry('e', 'e', 9))
    expect(buffer.dropped).toBe(3)
    expect(rows(buffer.take(9))).toEqual(['d', 'e'])
  })
})

describe('the flusher', () => {
  const options = { batchSize: 3, flushIntervalMs: 5_000, retryAttempts: 2, retryDelayMs: 1_000 }
  let buffer: RowBuffer<string>
  let written: string[][]
  let fail: Error | null
  let failures: number[]
  let flusher: Flusher<string>

  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    buffer = new RowBuffer({ maxRows: 1_000, maxBytes: 1_000 })
    written = []
    fail = null
    failures = []
    flusher = new Flusher(
      buffer,
      async batch => {
        if (fail) throw fail
        written.push(rows(batch))
      },
      (_, count) => failures.push(count),
      options,
    )
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  const add = (...keys: string[]): void => {
    for (const key of keys) {
      buffer.put(entry(key))
      flusher.rowAdded()
    }
  }

  it('writes the rows of a moment together, soon', async () => {
    add('a')
    await vi.advanceTimersByTimeAsync(100)
    add('b')
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(60)
    expect(written).toEqual([['a', 'b']])
    expect(flusher.status).toMatchObject({ state: 'idle', written: 2, lastError: null })
  })

  it('writes at once when batchSize rows wait', async () => {
    add('a', 'b', 'c')
    await vi.advanceTimersByTimeAsync(0)
    expect(written).toEqual([['a', 'b', 'c']])
  })

  it('under load lets rows come together between two writes', async () => {
    add('a', 'b', 'c')
    await vi.advanceTimersByTimeAsync(0)
    add('d', 'e', 'f')
    await vi.advanceTimersByTimeAsync(20)
    add('g')
    expect(written).toEqual([['a', 'b', 'c']])
    await vi.advanceTimersByTimeAsync(30)
    expect(written.splice(0)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f', 'g'],
    ])
  })

  it('leaves rows of the last moment for the next write, unless it is asked to flush', async () => {
    add('a')
    await vi.advanceTimersByTimeAsync(140)
    add('b', 'a')
    await vi.advanceTimersByTimeAsync(10)
    // The row that came early goes in its newest version.
    expect(written.splice(0)).toEqual([['a']])
    add('c')
    void flusher.flush()
    await vi.advanceTimersByTimeAsync(0)
    expect(written.splice(0)).toEqual([['b', 'c']])
    add('d')
    await vi.advanceTimersByTimeAsync(150)
    expect(written).toEqual([['d']])
  })

  it('never waits longer than a short flushInterval', async () => {
    flusher = new Flusher(
      buffer,
      async batch => void written.push(rows(batch)),
      () => {},
      { ...options, flushIntervalMs: 20 },
    )
    add('a')
    await vi.advanceTimersByTimeAsync(20)
    expect(written).toEqual([['a']])
  })

  it('keeps the rows when the write fails, and tries again later and later', async () => {
    fail = new Error('database is away')
    add('a')
    await vi.advanceTimersByTimeAsync(150)
    expect(flusher.status).toMatchObject({ state: 'resting', written: 0, lastError: 'database is away' })
    expect(buffer.rows).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(failures).toEqual([1, 2, 3])
    add('b')
    fail = null
    await vi.advanceTimersByTimeAsync(4_000)
    expect(written).toEqual([['a', 'b']])
    expect(flusher.status).toMatchObject({ state: 'idle', retried: 3, lastError: null })
  })

  it.each([
    ['a quarter earlier', 0, [750, 1_500]],
    ['nearly a quarter later', 0.99, [1_245, 2_490]],
  ])('spreads the retries of many processes, up to %s', async (_, random, expected) => {
    vi.mocked(Math.random).mockReturnValue(random)
    fail = new Error('database is away')
    add('a')
    const tries: number[] = []
    for (let waited = 0; tries.length < 3; waited++) {
      await vi.advanceTimersByTimeAsync(1)
      if (failures.length > tries.length) tries.push(waited)
    }
    expect(tries.slice(1).map((time, index) => time - (tries[index] ?? 0))).toEqual(expected)
  })

  it('lets rows of meanwhile neither wait for a slow write nor be lost by it', async () => {
    let finish = (): void => {}
    flusher = new Flusher(
      buffer,
      batch => {
        written.push(rows(batch))
        return new Promise<void>(resolve => {
          finish = resolve
        })
      },
      () => {},
      options,
    )
    add('a')
    await vi.advanceTimersByTimeAsync(150)
    add('b')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(written).toEqual([['a']])
    finish()
    await vi.advanceTimersByTimeAsync(150)
    expect(written).toEqual([['a'], ['b']])
  })

  it('flush() resolves when all is written, for every caller', async () => {
    add('a')
    let done = 0
    void flusher.flush().then(() => done++)
    void flusher.flush().then(() => done++)
    expect(done).toBe(0)
    await vi.advanceTimersByTimeAsync(0)
    expect([written, done]).toEqual([[['a']], 2])
    await flusher.flush()
  })

  it('flush() gives up waiting after retryAttempts failures, while the writing goes on', async () => {
    fail = new Error('away')
    add('a')
    let done = false
    void flusher.flush().then(() => {
      done = true
    })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(done).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(done).toBe(true)
    fail = null
    await vi.advanceTimersByTimeAsync(4_000)
    expect(written).toEqual([['a']])
  })

  it('stops and starts again without losing rows', async () => {
    add('a')
    flusher.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(written).toEqual([])
    flusher.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(written).toEqual([['a']])
  })
})
