import { describe, expect, it } from 'vitest'
import { readLines, toLine } from '../../../src/buffer/journal/lines.ts'

const RECORDS = [
  '{"id":"a"}',
  '{"text":"ä\\n\\u0000 漢字 😀"}',
  '[]',
  JSON.stringify('x'.repeat(10_000)),
  '{"id":"last"}',
]
const whole = Buffer.from(RECORDS.map(toLine).join(''))

describe('the lines of a journal', () => {
  it('come back as they were written', () => {
    expect(readLines(whole)).toEqual({ records: RECORDS, skipped: 0 })
    expect(readLines(Buffer.alloc(0))).toEqual({ records: [], skipped: 0 })
  })

  it('lose nothing but the last when the tail is torn, wherever it is torn', () => {
    const last = whole.length - Buffer.byteLength(toLine(RECORDS[4] as string))
    for (let end = last + 1; end < whole.length; end++) {
      expect(readLines(whole.subarray(0, end)), `torn at ${end}`).toEqual({ records: RECORDS.slice(0, 4), skipped: 1 })
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
    expect(readLines(Buffer.concat([whole, zeros]))).toEqual({ records: RECORDS, skipped: 1 })
  })
})
