import { describe, expect, it } from 'vitest'
import { readLines, toLine, toLineWithBytes } from '../../../src/buffer/journal/lines.ts'

const RECORDS = [
  '{"id":"a"}',
  '{"text":"ä\\n\\u0000 漢字 😀"}',
  '[]',
  JSON.stringify('x'.repeat(10_000)),
  '{"id":"last"}',
]
const whole = Buffer.from(RECORDS.map(toLine).join(''))

function read(buffer: Buffer): { records: string[]; skipped: number } {
  const { records, skipped } = readLines(buffer)
  return { records, skipped }
}

describe('the lines of a journal', () => {
  it('come back as they were written', () => {
    expect(read(whole)).toEqual({ records: RECORDS, skipped: 0 })
    expect(read(Buffer.alloc(0))).toEqual({ records: [], skipped: 0 })
  })

  it('lose nothing but the last when the tail is torn, wherever it is torn', () => {
    const last = whole.length - Buffer.byteLength(toLine(RECORDS[4] as string))
    for (let end = last + 1; end < whole.length; end++) {
      expect(read(whole.subarray(0, end)), `torn at ${end}`).toEqual({ records: RECORDS.slice(0, 4), skipped: 1 })
    }
  })

  it('lose nothing but the damaged one when a bit flips, whichever', () => {
    const small = Buffer.from([RECORDS[0], RECORDS[1], RECORDS[2]].map(record => toLine(record as string)).join(''))
    for (let bit = 0; bit < small.length * 8; bit++) {
      const damaged = Buffer.from(small)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      const { records, skipped } = readLines(damaged)
      // A flipped line break joins two lines; a new one makes two of one.
      expect(records.length, `bit ${bit}`).toBeGreaterThanOrEqual(1)
      expect(records.length, `bit ${bit}`).toBeLessThanOrEqual(2)
      expect(skipped, `bit ${bit}`).toBeGreaterThanOrEqual(1)
      for (const record of records) expect(RECORDS).toContain(record)
    }
  })

  it('are found again after blocks that the disk never wrote', () => {
    const zeros = Buffer.alloc(4_096)
    expect(read(Buffer.concat([whole, zeros]))).toEqual({ records: RECORDS, skipped: 1 })
  })

  it('may have bytes behind them, which are whole or not there', () => {
    // Among them a line break and a whole line, which is nobody's.
    const bytes = Buffer.concat([Buffer.from([0, 10, 255, 10]), Buffer.from(toLine('{"id":"inner"}'))])
    const [before, after] = [Buffer.from(toLine('{"id":"a"}')), Buffer.from(toLine('{"id":"z"}'))]
    const block = Buffer.concat(toLineWithBytes('pack-1 []', [bytes.subarray(0, 3), bytes.subarray(3)]))
    const all = Buffer.concat([before, block, after])
    const lines = readLines(all)
    expect(lines).toEqual({
      records: ['{"id":"a"}', 'pack-1 []', '{"id":"z"}'],
      bytes: [null, bytes, null],
      skipped: 0,
    })
    for (let bit = before.length * 8; bit < (before.length + block.length - 1) * 8; bit++) {
      const damaged = Buffer.from(all)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      const { records, skipped } = readLines(damaged)
      expect(records, `bit ${bit}`).not.toContain('pack-1 []')
      expect([records[0], records.at(-1)], `bit ${bit}`).toEqual(['{"id":"a"}', '{"id":"z"}'])
      expect(skipped, `bit ${bit}`).toBeGreaterThanOrEqual(1)
    }
    for (let end = before.length + 1; end < before.length + block.length; end++) {
      expect(readLines(all.subarray(0, end)).records[1] ?? '{"id":"inner"}', `torn at ${end}`).toBe('{"id":"inner"}')
    }
  })
})
