import { describe, expect, it } from 'vitest'
import { buildChainTree, type ChainTree } from '../../dashboard/src/model/chain-tree.ts'
import { alignBy } from '../../dashboard/src/model/compare/align.ts'
import { alignChains } from '../../dashboard/src/model/compare/align-chains.ts'
import { diffJson } from '../../dashboard/src/model/compare/diff-json.ts'
import { event, invocation, job, undetected } from './rows.ts'

const byName = (items: string[]) => items.map(name => ({ name }))
const aligned = (left: string[], right: string[]) =>
  alignBy(byName(left), byName(right), item => item.name).map(
    ({ left: a, right: b }) => `${a?.name ?? '-'} ${b?.name ?? '-'}`,
  )

describe('alignBy', () => {
  it('pairs by key in the order of the left side, and puts what is only right where it stands there', () => {
    expect(aligned(['a', 'b', 'c'], ['x', 'a', 'c', 'y'])).toEqual(['- x', 'a a', 'b -', 'c c', '- y'])
    expect(aligned([], ['a'])).toEqual(['- a'])
  })

  it('pairs the second of a name with the second', () => {
    expect(aligned(['a', 'a'], ['a', 'a', 'a'])).toEqual(['a a', 'a a', '- a'])
  })
})

describe('diffJson', () => {
  it('tells what changed and what only one side has, place by place', () => {
    expect(
      diffJson({ a: 1, b: { c: [1, 2], d: null }, e: {} }, { a: 1, b: { c: [1, 3, 4] }, e: {}, f: { g: true } }).places,
    ).toEqual([
      { path: 'a', left: 1, right: 1, state: 'same' },
      { path: 'b.c.0', left: 1, right: 1, state: 'same' },
      { path: 'b.c.1', left: 2, right: 3, state: 'changed' },
      { path: 'b.c.2', left: undefined, right: 4, state: 'right' },
      { path: 'b.d', left: null, right: undefined, state: 'left' },
      { path: 'e', left: {}, right: {}, state: 'same' },
      { path: 'f.g', left: undefined, right: true, state: 'right' },
    ])
  })

  it('looks no deeper where the kinds differ, and takes scalars as they are', () => {
    expect(diffJson({ a: [1] }, { a: { 0: 1 } }).places).toEqual([
      { path: 'a', left: [1], right: { 0: 1 }, state: 'changed' },
    ])
    expect(diffJson(1, 1)).toEqual({ places: [{ path: '', left: 1, right: 1, state: 'same' }], cut: false })
    expect(diffJson(null, { a: 1 }).places).toEqual([{ path: '', left: null, right: { a: 1 }, state: 'changed' }])
  })

  it('says when there is more than it tells', () => {
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, n) => [`k${n}`, n]))
    const { places, cut } = diffJson(many, {})
    expect(places).toHaveLength(2_000)
    expect(cut).toBe(true)
  })
})

describe('alignChains', () => {
  const tree = (rows: Parameters<typeof buildChainTree>[0], root: string): ChainTree =>
    buildChainTree(rows, root) as ChainTree

  it('puts the same steps of two chains side by side, and shows where one goes on alone', () => {
    const left = tree(
      [
        invocation('1', {
          event_executions: [event('orders.placed', [job('pay'), job('mail')]), undetected('orders.late')],
        }),
        invocation('2', { source_job_id: 'pay', source_table: 'public.payments' }),
      ],
      '1',
    )
    const right = tree(
      [
        invocation('7', {
          event_executions: [
            event('e', [job('p2', { job_name: 'pay' })], { event_name: 'orders.placed' }),
            event('orders.late'),
          ],
        }),
      ],
      '7',
    )
    expect(
      alignChains(left, right).map(
        row => `${'  '.repeat(row.depth)}${row.name} ${row.left?.kind ?? '-'} ${row.right?.kind ?? '-'}`,
      ),
    ).toEqual([
      'INSERT orders, shop-orders invocation invocation',
      '  orders.placed event event',
      '    mail job -',
      '    pay job job',
      '      INSERT payments, shop-orders invocation -',
      '  orders.late - event',
    ])
  })
})
