import { describe, expect, it } from 'vitest'
import { findSpans, nextMatch, parseSpanQuery } from '../../../dashboard/src/model/waterfall/find-spans.ts'
import { groupSiblings } from '../../../dashboard/src/model/waterfall/sibling-groups.ts'
import { buildSpanTree, type SpanTree } from '../../../dashboard/src/model/waterfall/span-tree.ts'
import { isFailedRow, type Span, toSpanTable } from '../../../dashboard/src/model/waterfall/spans.ts'
import {
  type Folding,
  flatten,
  groupOfLine,
  isGroupLine,
  revealing,
  withAncestors,
} from '../../../dashboard/src/model/waterfall/visible-rows.ts'
import { randomFrom } from '../../support/random-from.ts'
import { bigChain, NOON, randomSpans, span } from './random-spans.ts'

const NOTHING: Folding = { collapsed: new Set(), openGroups: new Set(), keep: null }

function build(spans: readonly Span[]): SpanTree {
  return buildSpanTree(toSpanTable(spans))
}

function shown(tree: SpanTree, folding: Partial<Folding> = {}): string[] {
  const groups = groupSiblings(tree)
  return Array.from(flatten(tree, groups, { ...NOTHING, ...folding }), line =>
    isGroupLine(line)
      ? `${groups.groups[groupOfLine(line)]?.rows.length} × ${tree.table.ids[groups.groups[groupOfLine(line)]?.rows[0] as number]}`
      : (tree.table.ids[line] as string),
  )
}

/** A parent with `count` children called `notify`, numbered from 0. */
function fan(count: number, change: (index: number) => Partial<Span> = () => ({})): Span[] {
  return [
    span('root'),
    ...Array.from({ length: count }, (_, index) =>
      span(`n${index}`, { parentId: 'root', name: 'notify', kind: 'job', at: index, ...change(index) }),
    ),
  ]
}

describe('folding equal siblings', () => {
  it('shows four one by one and five as one line', () => {
    expect(shown(build(fan(4)))).toEqual(['root', 'n0', 'n1', 'n2', 'n3'])
    expect(shown(build(fan(5)))).toEqual(['root', '5 × n0'])
  })

  it('never folds a failure away, nor what runs, nor what a failure lies below', () => {
    const spans = fan(9, index =>
      index === 2 ? { tone: 'failed' } : index === 3 ? { tone: 'running', endAt: null } : {},
    )
    spans.push(span('bad', { parentId: 'n5', tone: 'lost' }))
    expect(shown(build(spans))).toEqual(['root', '6 × n0', 'n2', 'n3', 'n5', 'bad'])
  })

  it('takes modules that were not detected together, whatever their names', () => {
    expect(shown(build(fan(6, index => ({ kind: 'undetected', tone: 'quiet', name: `m${index}` }))))).toEqual([
      'root',
      '6 × n0',
    ])
    expect(shown(build(fan(6, index => ({ name: `m${index}` })))).length).toBe(7)
  })

  it('shows an open group with all that lies below its spans', () => {
    const spans = [...fan(5), span('child', { parentId: 'n1', at: 2 })]
    expect(shown(build(spans), { openGroups: new Set([0]) })).toEqual([
      'root',
      '5 × n0',
      'n0',
      'n1',
      'child',
      'n2',
      'n3',
      'n4',
    ])
  })
})

describe('lines on the screen', () => {
  it('hides what is below a collapsed row', () => {
    const tree = build([span('a'), span('b', { parentId: 'a' }), span('c', { parentId: 'b' }), span('d', { at: 5 })])
    expect(shown(tree, { collapsed: new Set([tree.rowOf.get('a') as number]) })).toEqual(['a', 'd'])
  })

  it('shows with a filter what matches and what leads there, without groups', () => {
    const tree = build(fan(7))
    const keep = withAncestors(tree, [tree.rowOf.get('n3') as number])
    expect(shown(tree, { keep })).toEqual(['root', 'n3'])
  })

  it('knows what to unfold for a row to be seen', () => {
    const tree = build([...fan(5), span('child', { parentId: 'n1', at: 2 })])
    const groups = groupSiblings(tree)
    const child = tree.rowOf.get('child') as number
    const hidden = flatten(tree, groups, NOTHING)
    expect(Array.from(hidden)).not.toContain(child)
    const { rows, groups: open } = revealing(tree, groups, child)
    expect(rows).toEqual([tree.rowOf.get('n1'), tree.rowOf.get('root')])
    expect(Array.from(flatten(tree, groups, { ...NOTHING, openGroups: new Set(open) }))).toContain(child)
  })

  it('shows every span once when everything is unfolded, and every failure when nothing is', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const tree = build(randomSpans(randomFrom(seed), 120))
      const groups = groupSiblings(tree)
      const all = new Set(groups.groups.keys())
      const lines = Array.from(flatten(tree, groups, { ...NOTHING, openGroups: all }))
      expect(lines.filter(line => !isGroupLine(line)).sort((a, b) => a - b)).toEqual([...tree.table.ids.keys()])
      expect(lines.filter(isGroupLine).length).toBe(groups.groups.length)
      const folded = new Set(flatten(tree, groups, NOTHING))
      for (let row = 0; row < tree.table.length; row++) {
        if (isFailedRow(tree.table, row)) expect(folded.has(row)).toBe(true)
      }
    }
  })

  it('counts in its groups all that it does not show', () => {
    const tree = build(bigChain(50_000))
    const groups = groupSiblings(tree)
    const lines = flatten(tree, groups, NOTHING)
    let spans = 0
    for (const line of lines) {
      spans += isGroupLine(line)
        ? Array.from(groups.groups[groupOfLine(line)]?.rows ?? []).reduce(
            (sum, row) => sum + (tree.sizes[row] as number),
            0,
          )
        : 1
    }
    expect(spans).toBe(50_000)
    expect(lines.length).toBeLessThan(30_000)
  })
})

describe('finding spans', () => {
  const tree = build([
    span('root', {
      name: 'INSERT orders',
      kind: 'invocation',
      detail: 'public.orders 1042 changed:status changed:price',
    }),
    span('job-1', { parentId: 'root', name: 'capturePayment', kind: 'job', at: 10, for: 250_000, tone: 'failed' }),
    span('job-2', { parentId: 'root', name: 'sendMail', kind: 'job', at: 20, for: 300, service: 'mailer' }),
    span('job-3', { parentId: 'root', name: 'capturePayment', kind: 'job', at: 30, endAt: null, tone: 'running' }),
  ])
  const now = NOON + 5_000_000
  const find = (text: string) =>
    Array.from(findSpans(tree, parseSpanQuery(text), now), row => tree.table.ids[row] as string)

  it.each([
    ['capture', ['job-1', 'job-3']],
    ['CAPTURE', ['job-1', 'job-3']],
    ['1042', ['root']],
    ['"INSERT orders"', ['root']],
    ['status:failed', ['job-1']],
    ['kind:job', ['job-1', 'job-2', 'job-3']],
    ['service:mail', ['job-2']],
    ['changed:price', ['root']],
    ['changed:nothing', []],
    ['id:job-2', ['job-2']],
    ['>200ms', ['job-1', 'job-3']],
    ['>1s', ['job-3']],
    ['<1ms kind:job', ['job-2']],
    ['capture status:running', ['job-3']],
    ['', []],
  ])('finds %s', (text, ids) => {
    expect(find(text)).toEqual(ids)
    expect(parseSpanQuery(text).problems).toEqual([])
  })

  it.each(['>200', 'status:fine', 'kind:nonsense'])('says what is wrong with %s', text => {
    expect(parseSpanQuery(text).problems).toHaveLength(1)
  })

  it('goes to the next match and the one before, around at the ends', () => {
    const matches = findSpans(tree, parseSpanQuery('capture'), now)
    const [first, second] = [tree.rowOf.get('job-1'), tree.rowOf.get('job-3')]
    expect(nextMatch(tree, matches, null, 1)).toBe(first)
    expect(nextMatch(tree, matches, first as number, 1)).toBe(second)
    expect(nextMatch(tree, matches, second as number, 1)).toBe(first)
    expect(nextMatch(tree, matches, second as number, -1)).toBe(first)
    expect(nextMatch(tree, matches, null, -1)).toBe(second)
    expect(nextMatch(tree, new Int32Array(), null, 1)).toBeNull()
  })
})
