import { describe, expect, it } from 'vitest'
import { ENDS_AFTER, findOutsideParent, STARTS_BEFORE } from '../../../dashboard/src/model/waterfall/outside-parent.ts'
import { buildSpanTree, type SpanTree } from '../../../dashboard/src/model/waterfall/span-tree.ts'
import { isFailedRow, nameOf, type Span, toSpanTable } from '../../../dashboard/src/model/waterfall/spans.ts'
import { randomFrom } from '../../support/random-from.ts'
import { bigChain, NOON, randomSpans, span } from './random-spans.ts'

function build(spans: readonly Span[]): SpanTree {
  return buildSpanTree(toSpanTable(spans))
}

function drawn(tree: SpanTree): string[] {
  return Array.from(tree.order, row => `${'  '.repeat(tree.depths[row] as number)}${tree.table.ids[row]}`)
}

describe('the tree of a waterfall', () => {
  it('draws parents before children and siblings by start, then id, whatever the order of the rows', () => {
    const spans = [
      span('c', { parentId: 'a', at: 20 }),
      span('a'),
      span('d', { parentId: 'b', at: 12 }),
      span('bb', { parentId: 'a', at: 10 }),
      span('b', { parentId: 'a', at: 10 }),
    ]
    expect(drawn(build(spans))).toEqual(['a', '  b', '    d', '  bb', '  c'])
    expect(drawn(build(spans.toReversed()))).toEqual(['a', '  b', '    d', '  bb', '  c'])
  })

  it('hangs those that name the same missing parent under one row, which reaches over them', () => {
    const tree = build([
      span('a'),
      span('y', { parentId: 'gone', at: 300, for: 50 }),
      span('x', { parentId: 'gone', at: 100, for: 20 }),
    ])
    expect(drawn(tree)).toEqual(['a', 'missing:gone', '  x', '  y'])
    const row = tree.rowOf.get('missing:gone') as number
    expect(tree.repairs.missing).toEqual([{ parentId: 'gone', row }])
    expect(nameOf(tree.table, row)).toBe('missing parent gone')
    expect([tree.table.starts[row], tree.table.ends[row]]).toEqual([NOON + 100, NOON + 350])
  })

  it('lets what stands for a missing parent run while one of its children does', () => {
    const tree = build([span('x', { parentId: 'gone', endAt: null, tone: 'running' }), span('y', { parentId: 'gone' })])
    expect(tree.table.ends[tree.rowOf.get('missing:gone') as number]).toBeNaN()
  })

  it('cuts a circle at its earliest span and tells both ends of the cut', () => {
    const tree = build([
      span('c', { parentId: 'b', at: 30 }),
      span('b', { parentId: 'a', at: 20 }),
      span('a', { parentId: 'c', at: 10 }),
      span('below', { parentId: 'b', at: 25 }),
    ])
    expect(drawn(tree)).toEqual(['a', '  b', '    below', '    c'])
    const { rowOf, repairs } = tree
    expect(repairs.cycles).toEqual([{ row: rowOf.get('a'), parentRow: rowOf.get('c') }])
  })

  it('cuts a span that names itself', () => {
    const tree = build([span('a', { parentId: 'a' })])
    expect(drawn(tree)).toEqual(['a'])
    expect(tree.repairs.cycles).toEqual([{ row: 0, parentRow: 0 }])
  })

  it('is empty without spans', () => {
    expect(build([]).order.length).toBe(0)
  })

  it('follows 100,000 levels without recursion', () => {
    const deep = Array.from({ length: 100_000 }, (_, index) =>
      span(`s${index}`, { parentId: index === 0 ? null : `s${index - 1}`, at: index }),
    )
    expect(build(deep).sizes[0]).toBe(100_000)
  })

  it.each([50_000, 250_000])('holds a chain of %d spans', count => {
    const tree = build(bigChain(count))
    expect(tree.order.length).toBe(count)
    expect(tree.repairs).toEqual({ missing: [], cycles: [], duplicates: 0 })
    const failed = Array.from(tree.table.tones.keys()).filter(row => isFailedRow(tree.table, row)).length
    expect(failed).toBeGreaterThan(0)
    expect(tree.failuresBelow[0]).toBe(failed)
  })

  it('loses nothing and contradicts itself nowhere, whatever it is given', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomFrom(seed)
      const spans = randomSpans(random, 1 + Math.floor(random() * 80))
      const tree = build(spans)
      const { table, order, parents, positions, depths, sizes, children, firstChild } = tree
      // Every span is drawn once, and nothing else but what stands for missing parents.
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(table.ids.keys()))
      expect(table.length).toBe(spans.length + tree.repairs.missing.length)
      const cutRows = new Set(tree.repairs.cycles.map(({ row }) => row))
      for (const [row, given] of spans.entries()) {
        const parent = parents[row] as number
        const parentId = parent === -1 ? null : table.ids[parent]
        const missing = given.parentId !== null && !tree.rowOf.has(given.parentId)
        const named = missing ? `missing:${given.parentId}` : given.parentId
        // The recorded parent, unless a circle was cut here.
        expect(parentId).toBe(cutRows.has(row) ? null : named)
        expect(positions[row]).toBeGreaterThan(parent === -1 ? -1 : (positions[parent] as number))
        expect(depths[row]).toBe(parent === -1 ? 0 : (depths[parent] as number) + 1)
        // A subtree is one piece of the order.
        if (parent !== -1) {
          expect(positions[row]).toBeLessThan((positions[parent] as number) + (sizes[parent] as number))
        }
        const below = Array.from(children.subarray(firstChild[row], firstChild[row + 1]))
        expect(below.every(child => parents[child] === row)).toBe(true)
        const starts = below.map(child => table.starts[child] as number)
        expect(starts).toEqual([...starts].sort((a, b) => a - b))
      }
    }
  })
})

describe('spans outside their parent', () => {
  const flagsOf = (spans: Span[]) => {
    const tree = build(spans)
    return findOutsideParent(tree, NOON + 10_000)
  }

  it('marks what starts before it, with the most that clocks disagree', () => {
    const { flags, count, largest } = flagsOf([
      span('a', { at: 500 }),
      span('b', { parentId: 'a', at: 200, for: 400 }),
      span('c', { parentId: 'a', at: 490, for: 100 }),
      span('d', { parentId: 'a', at: 500, for: 1000 }),
    ])
    expect(Array.from(flags)).toEqual([0, STARTS_BEFORE, STARTS_BEFORE, 0])
    expect([count, largest]).toEqual([2, 300])
  })

  it('marks what ends after a parent that waits for it, and lets what was only caused live on', () => {
    const { flags } = flagsOf([
      span('a', { for: 100 }),
      span('b', { parentId: 'a', at: 50, for: 100 }),
      span('c', { parentId: 'a', at: 50, for: 100, caused: true }),
      span('d', { parentId: 'a', at: -10, for: 10, caused: true }),
      span('e', { parentId: 'a', at: -1, for: 200 }),
    ])
    expect(Array.from(flags)).toEqual([0, ENDS_AFTER, 0, STARTS_BEFORE, STARTS_BEFORE | ENDS_AFTER])
  })

  it('changes no time, and blames nobody for a parent that is missing', () => {
    const spans = [span('b', { parentId: 'gone', at: 5 }), span('a', { parentId: 'gone', at: 3 })]
    const table = toSpanTable(spans)
    const tree = buildSpanTree(table)
    expect(findOutsideParent(tree, NOON).count).toBe(0)
    expect(Array.from(tree.table.starts.subarray(0, 2))).toEqual(spans.map(({ startAt }) => startAt))
  })

  it('marks exactly those, whatever it is given', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const spans = randomSpans(randomFrom(seed), 50)
      const tree = build(spans)
      const now = NOON + 7200e6
      const { flags } = findOutsideParent(tree, now)
      for (const [row, child] of spans.entries()) {
        const parent = tree.parents[row] as number
        const recorded = spans[parent]
        const early = recorded !== undefined && child.startAt < recorded.startAt
        const late = recorded !== undefined && !child.caused && (child.endAt ?? now) > (recorded.endAt ?? now)
        expect(flags[row]).toBe((early ? STARTS_BEFORE : 0) | (late ? ENDS_AFTER : 0))
      }
    }
  })
})
