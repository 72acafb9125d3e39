import { describe, expect, it } from 'vitest'
import { findCriticalPath } from '../../../dashboard/src/model/waterfall/critical-path.ts'
import { extentOf, findIdleGaps } from '../../../dashboard/src/model/waterfall/idle-gaps.ts'
import { clusterMarks, indexMarks, type Mark, marksOf } from '../../../dashboard/src/model/waterfall/marks.ts'
import { drawMinimap } from '../../../dashboard/src/model/waterfall/minimap-image.ts'
import { buildSpanTree } from '../../../dashboard/src/model/waterfall/span-tree.ts'
import { endOf, FAILED, type Span, toSpanTable } from '../../../dashboard/src/model/waterfall/spans.ts'
import { ticksOf } from '../../../dashboard/src/model/waterfall/ticks.ts'
import {
  BREAK_WIDTH,
  createTimeScale,
  createWorkTime,
  panWindow,
  zoomWindow,
} from '../../../dashboard/src/model/waterfall/time-scale.ts'
import { randomFrom } from '../../support/random-from.ts'
import { bigChain, NOON, randomSpans, span } from './random-spans.ts'

const HOUR = 3600e6
const LATER = NOON + 5 * HOUR

function workOf(spans: readonly Span[]) {
  const table = toSpanTable(spans)
  return createWorkTime(extentOf(table, LATER), findIdleGaps(buildSpanTree(table), LATER))
}

const twoBursts = [span('a', { for: 60e6 }), span('b', { at: HOUR, for: 60e6 })]

describe('idle time', () => {
  it('is where nothing was open', () => {
    expect(findIdleGaps(buildSpanTree(toSpanTable(twoBursts)), LATER)).toEqual([{ from: NOON + 60e6, to: NOON + HOUR }])
    const covered = [...twoBursts, span('c', { for: 2 * HOUR })]
    expect(findIdleGaps(buildSpanTree(toSpanTable(covered)), LATER)).toEqual([])
    // What runs is open until now.
    expect(findIdleGaps(buildSpanTree(toSpanTable([span('a', { endAt: null }), ...twoBursts])), LATER)).toEqual([])
  })

  it('is not covered by what stands for a missing parent', () => {
    const spans = twoBursts.map(given => ({ ...given, parentId: 'gone' }))
    expect(findIdleGaps(buildSpanTree(toSpanTable(spans)), LATER)).toHaveLength(1)
  })

  it('is left alone where it is short against the whole', () => {
    expect(
      findIdleGaps(buildSpanTree(toSpanTable([span('a', { for: HOUR }), span('b', { at: HOUR + 60e6 })])), LATER),
    ).toEqual([])
  })

  it('overlaps no span, whatever it is given', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const table = toSpanTable(randomSpans(randomFrom(seed), 30))
      for (const gap of findIdleGaps(buildSpanTree(table), LATER)) {
        for (let row = 0; row < table.length; row++) {
          const apart = (table.starts[row] as number) >= gap.to || endOf(table, row, LATER) <= gap.from
          expect(apart).toBe(true)
        }
      }
    }
  })
})

describe('the time scale', () => {
  it('gives a folded gap its fixed width and the rest to work', () => {
    const work = workOf(twoBursts)
    expect(work.total).toBe(120e6)
    const scale = createTimeScale(work, { from: 0, to: work.total }, 1024)
    expect(scale.toX(NOON)).toBe(0)
    expect(scale.toX(NOON + 60e6)).toBe(500)
    expect(scale.toX(NOON + HOUR)).toBe(500 + BREAK_WIDTH)
    expect(scale.toX(NOON + HOUR + 60e6)).toBe(1024)
    expect(scale.toTime(512)).toBeCloseTo(NOON + (60e6 + HOUR) / 2, -3)
    expect(scale.breaks).toMatchObject([{ x: 500, width: BREAK_WIDTH }])
  })

  it('finds the time under a pixel and the pixel of a time, for any spans and window', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed)
      const work = workOf(randomSpans(random, 25))
      const from = random() * work.total * 0.9
      const window = { from, to: from + Math.max(1, random() * (work.total - from)) }
      const scale = createTimeScale(work, window, 200 + random() * 1000)
      let before = Number.NEGATIVE_INFINITY
      for (let x = 0; x <= scale.width; x += scale.width / 37) {
        const at = scale.toTime(x)
        expect(at).toBeGreaterThanOrEqual(before)
        before = at
        // A time has a quarter of a microsecond of precision, which is visible in the smallest windows only.
        expect(Math.abs(scale.toX(at) - x)).toBeLessThan(0.01 + 0.5 / scale.microsPerPixel)
      }
    }
  })

  it('keeps the instant under the pointer in its place while zooming', () => {
    const work = workOf([span('a', { for: HOUR })])
    const before = createTimeScale(work, { from: 0, to: work.total }, 1000)
    const at = before.toWork(300)
    const after = createTimeScale(work, zoomWindow(work, before.window, at, 0.1), 1000)
    expect(after.toWork(300)).toBeCloseTo(at, 0)
    expect(after.microsPerPixel).toBeCloseTo(before.microsPerPixel / 10, 5)
  })

  it('never leaves the time there is, nor looks at less than a microsecond', () => {
    const work = workOf([span('a', { for: 1000 })])
    const all = { from: 0, to: work.total }
    expect(zoomWindow(work, all, 500, 4)).toEqual(all)
    expect(panWindow(work, { from: 100, to: 200 }, -500)).toEqual({ from: 0, to: 100 })
    expect(panWindow(work, { from: 100, to: 200 }, 5000)).toEqual({ from: 900, to: 1000 })
    const closest = zoomWindow(work, all, 500, 1e-9)
    expect(closest.to - closest.from).toBe(1)
  })

  it('puts ticks at round distances from the start, apart from each other and outside gaps', () => {
    const work = workOf(twoBursts)
    const { step, ticks } = ticksOf(createTimeScale(work, { from: 0, to: work.total }, 1024), 120)
    expect(step).toBe(15e6)
    expect(ticks[0]).toEqual({ x: 0, at: NOON })
    for (const { at } of ticks) {
      expect((at - NOON) % step).toBe(0)
      expect(at <= NOON + 60e6 || at >= NOON + HOUR).toBe(true)
    }
    expect(ticks.length).toBeGreaterThan(6)
  })
})

describe('the critical path', () => {
  const path = (spans: Span[]) => {
    const tree = buildSpanTree(toSpanTable(spans))
    return findCriticalPath(tree, LATER)
      .segments.map(
        ({ row, from, to, waiting }) =>
          `${tree.table.ids[row]} ${from - NOON}-${to - NOON}${waiting ? ' waiting' : ''}`,
      )
      .reverse()
  }

  it('goes through the child that ended last, then the one that ended before it started', () => {
    expect(
      path([
        span('root', { for: 100 }),
        span('a', { parentId: 'root', at: 10, for: 30 }),
        span('short', { parentId: 'root', at: 12, for: 5 }),
        span('b', { parentId: 'root', at: 50, for: 40 }),
        span('beside', { parentId: 'root', at: 55, for: 10 }),
      ]),
    ).toEqual(['root 0-10', 'a 10-40', 'root 40-50', 'b 50-90', 'root 90-100'])
  })

  it('goes on after the end of a span in what it caused, and says who waited', () => {
    expect(
      path([span('job', { for: 100 }), span('next', { parentId: 'job', at: 180, for: 50, caused: true })]),
    ).toEqual(['job 0-100', 'job 100-180 waiting', 'next 180-230'])
  })

  it('covers all the time there is, without gap or overlap, whatever it is given', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed)
      const tree = buildSpanTree(toSpanTable(randomSpans(random, 1 + Math.floor(random() * 60))))
      const { segments } = findCriticalPath(tree, LATER)
      const { to } = extentOf(tree.table, LATER)
      const from = Math.min(...Array.from(tree.tops, row => tree.table.starts[row] as number))
      let at = to
      for (const segment of segments) {
        expect(segment.to).toBe(at)
        expect(segment.from).toBeLessThan(segment.to)
        at = segment.from
      }
      expect(at).toBeLessThanOrEqual(from)
    }
  })

  it('is found in a chain of 250,000', () => {
    const tree = buildSpanTree(toSpanTable(bigChain(250_000)))
    const { segments } = findCriticalPath(tree, LATER)
    expect(segments.length).toBeGreaterThan(10)
  })
})

describe('the minimap', () => {
  it('shows one failure among 50,000', () => {
    const spans = bigChain(50_000).map(given => ({ ...given, tone: 'ok' as const }))
    for (const index of [0, 25_000, 49_999]) {
      const changed = spans.map((given, at) => (at === index ? { ...given, tone: 'failed' as const } : given))
      const tree = buildSpanTree(toSpanTable(changed))
      const work = createWorkTime(extentOf(tree.table, LATER), [])
      const image = drawMinimap(tree, createTimeScale(work, { from: 0, to: work.total }, 800), 56, LATER)
      expect(image.tones.filter(tone => tone === FAILED + 1).length).toBeGreaterThanOrEqual(2)
    }
  })

  it('shows every failure at its time and place, whatever else is there', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const tree = buildSpanTree(toSpanTable(randomSpans(randomFrom(seed), 300)))
      const work = createWorkTime(extentOf(tree.table, LATER), findIdleGaps(tree, LATER))
      const scale = createTimeScale(work, { from: 0, to: work.total }, 300)
      const height = 40
      const { tones, width } = drawMinimap(tree, scale, height, LATER)
      for (let row = 0; row < tree.given; row++) {
        if (tree.table.tones[row] !== FAILED) continue
        const line = Math.floor(((tree.positions[row] as number) * height) / tree.table.length)
        const x = Math.min(width - 1, Math.floor(scale.toX(tree.table.starts[row] as number)))
        expect(tones[line * width + x]).toBe(FAILED + 1)
      }
    }
  })
})

describe('marks on the bars', () => {
  const tree = buildSpanTree(toSpanTable([span('a', { for: 1000 }), span('b', { at: 500, for: 500 })]))
  const mark = (spanId: string, at: number, change: Partial<Mark> = {}): Mark => ({
    spanId,
    at: NOON + at,
    kind: 'log',
    tone: 'quiet',
    text: 'line',
    ...change,
  })

  it('belong to their spans in order of time; those of other spans are counted', () => {
    const index = indexMarks(tree, [mark('b', 600), mark('a', 20), mark('gone', 1), mark('a', 10)])
    expect(marksOf(index, 0).map(({ at }) => at - NOON)).toEqual([10, 20])
    expect(marksOf(index, 1).map(({ at }) => at - NOON)).toEqual([600])
    expect(index.stray).toBe(1)
  })

  it('become one where they are closer than six pixels, with the loudest tone', () => {
    const work = createWorkTime(extentOf(tree.table, LATER), [])
    const scale = createTimeScale(work, { from: 0, to: 1000 }, 1000)
    const marks = [mark('a', 10), mark('a', 12, { tone: 'failed' }), mark('a', 14, { kind: 'change' }), mark('a', 100)]
    expect(clusterMarks(marks, scale)).toMatchObject([
      { x: 10, tone: 'failed', logs: 2, changes: 1 },
      { x: 100, tone: 'quiet', logs: 1, changes: 0 },
    ])
    expect(clusterMarks(marks, createTimeScale(work, { from: 500, to: 1000 }, 1000))).toEqual([])
  })
})
