import { describe, expect, it } from 'vitest'
import type { InvocationRow } from '../../dashboard/src/model/chain-rows.ts'
import { summarizeChain } from '../../dashboard/src/model/chain-summary.ts'
import { buildChainTree, type ChainTree } from '../../dashboard/src/model/chain-tree.ts'
import { event, invocation, job, time, undetected } from './rows.ts'

function build(rows: InvocationRow[], rootId = 'a'): ChainTree {
  const tree = buildChainTree(rows, rootId)
  if (!tree) throw new Error('no tree')
  return tree
}

describe('buildChainTree', () => {
  it('hangs events under invocations, jobs under events and what they caused under jobs', () => {
    const tree = build([
      invocation('b', { at: 50, source_job_id: 'j' }),
      invocation('a', { event_executions: [event('e', [job('j')])] }),
    ])
    expect([...tree.nodes.values()].map(node => [node.id, node.parentId, node.depth])).toEqual([
      ['invocation:a', null, 0],
      ['event:e', 'invocation:a', 1],
      ['job:j', 'event:e', 2],
      ['invocation:b', 'job:j', 3],
    ])
  })

  it('folds the undetected events of an invocation into one node, after the detected ones', () => {
    const tree = build([invocation('a', { event_executions: [undetected('n'), event('e'), undetected('m')] })])
    expect(tree.nodes.get('invocation:a')?.childIds).toEqual(['event:e', 'undetected:a'])
    const folded = tree.nodes.get('undetected:a')
    expect(folded?.kind === 'undetected' && folded.rows.map(row => row.id)).toEqual(['m', 'n'])
  })

  it('gives a detector that threw a node of its own', () => {
    const broken = event('e', [], { detected: false, status: 'detection_failed', detection_error: 'no' })
    expect(build([invocation('a', { event_executions: [broken] })]).nodes.has('event:e')).toBe(true)
  })

  it('keeps an event without verdict with the undetected ones until it has one', () => {
    const asking = event('e', [], { detected: false, status: 'detecting' })
    expect([...build([invocation('a', { event_executions: [asking] })]).nodes.keys()]).toEqual([
      'invocation:a',
      'undetected:a',
    ])
  })

  it('orders siblings by time, then id, whatever the order of the rows', () => {
    const root = invocation('a', { event_executions: [event('e', [job('j')])] })
    const late = invocation('c', { at: 90, source_job_id: 'j' })
    const early = invocation('d', { at: 40, source_job_id: 'j' })
    expect(build([late, root, early]).nodes.get('job:j')?.childIds).toEqual(['invocation:d', 'invocation:c'])
  })

  it('ends where a circle closes, and says which job closes it', () => {
    const tree = build([
      invocation('a', { source_job_id: 'k', event_executions: [event('e', [job('j')])] }),
      invocation('b', { at: 50, source_job_id: 'j', event_executions: [event('f', [job('k')])] }),
    ])
    expect(tree.nodes.size).toBe(6)
    expect(tree.loop).toEqual({ jobNodeId: 'job:k' })
  })

  it('shows an invocation whose cause is not among the rows, under the root', () => {
    const tree = build([invocation('a'), invocation('b', { at: 50, source_job_id: 'gone' })])
    expect(tree.nodes.get('invocation:b')).toMatchObject({ parentId: 'invocation:a', orphan: true, depth: 3 })
  })

  it('knows no tree without its root', () => {
    expect(buildChainTree([invocation('b')], 'a')).toBeNull()
  })

  it('follows 5,000 levels without recursion', () => {
    const rows = Array.from({ length: 5000 }, (_, index) =>
      invocation(`i${index}`, {
        source_job_id: index === 0 ? null : `j${index - 1}`,
        event_executions: [event(`e${index}`, [job(`j${index}`)])],
      }),
    )
    expect(build(rows, 'i0').nodes.size).toBe(15_000)
  })
})

describe('summarizeChain', () => {
  it('counts what the header says', () => {
    const summary = summarizeChain(
      build([
        invocation('a', {
          event_executions: [event('e', [job('j'), job('k', { status: 'failed' })]), undetected('n'), undetected('m')],
        }),
        invocation('b', { at: 50, ended_at: time(7000), source_job_id: 'j' }),
      ]),
    )
    expect(summary).toMatchObject({
      invocations: 2,
      levels: 2,
      eventsAsked: 3,
      eventsDetected: 1,
      jobs: { ok: 1, failed: 1, running: 0 },
      status: { tone: 'failed' },
    })
    expect((summary.endedAt ?? 0) - summary.startedAt).toBe(7000)
  })

  it('has no end while something runs, and a failure outweighs what runs', () => {
    const running = job('j', { status: 'running', ended_at: null })
    const open = summarizeChain(build([invocation('a', { event_executions: [event('e', [running])] })]))
    expect(open).toMatchObject({ status: { tone: 'running' }, endedAt: null })
    const both = [event('e', [running, job('k', { status: 'timeout' })])]
    expect(summarizeChain(build([invocation('a', { event_executions: both })])).status.tone).toBe('failed')
  })
})
