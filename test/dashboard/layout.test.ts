import { describe, expect, it } from 'vitest'
import type { InvocationRow } from '../../dashboard/src/model/chain-rows.ts'
import { buildChainTree, type ChainTree } from '../../dashboard/src/model/chain-tree.ts'
import { foldTree } from '../../dashboard/src/model/fold-tree.ts'
import { layoutChain } from '../../dashboard/src/model/layout.ts'
import { depthFirst, neighbour, nextFailure } from '../../dashboard/src/model/navigate-tree.ts'
import { event, invocation, job, undetected } from './rows.ts'

/** A job that caused `width` invocations, each with an event, a job and something undetected. */
function fan(width: number, failedAt = -1): InvocationRow[] {
  const root = invocation('root', { event_executions: [event('e', [job('j')]), undetected('n')] })
  const caused = Array.from({ length: width }, (_, index) => {
    const status = index === failedAt ? 'failed' : 'completed'
    return invocation(`i${String(index).padStart(4, '0')}`, {
      at: 1000 + index,
      source_job_id: 'j',
      event_executions: [event(`e${index}`, [job(`j${index}`, { status })]), undetected(`n${index}`)],
    })
  })
  return [root, ...caused]
}

function treeOf(rows: InvocationRow[]): ChainTree {
  const tree = buildChainTree(rows, rows[0]?.id ?? '')
  if (!tree) throw new Error('no tree')
  return tree
}

function at(tree: ChainTree, id: string) {
  const placed = layoutChain(tree).nodes.get(id)
  if (!placed) throw new Error(`${id} is not placed`)
  return placed
}

describe('layoutChain', () => {
  it('lets no two nodes overlap', () => {
    const placed = [...layoutChain(treeOf(fan(12))).nodes.values()]
    for (const [index, a] of placed.entries()) {
      for (const b of placed.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
        expect(apart, `${a.id} and ${b.id}`).toBe(true)
      }
    }
  })

  it('goes from left to right and starts at the corner', () => {
    const tree = treeOf(fan(2))
    const ids = ['invocation:root', 'event:e', 'job:j', 'invocation:i0000']
    const xs = ids.map(id => at(tree, id).x)
    expect(xs).toEqual([...xs].sort((a, b) => a - b))
    expect(new Set(xs).size).toBe(4)
    const layout = layoutChain(tree)
    expect(Math.min(...[...layout.nodes.values()].map(node => node.y))).toBe(0)
  })

  it('names edges after their ends', () => {
    expect(layoutChain(treeOf(fan(1))).edges.map(edge => edge.id)).toContain('job:j->invocation:i0000')
  })

  it('keeps every node in its place when a sibling arrives below', () => {
    const before = layoutChain(treeOf(fan(5)))
    const after = layoutChain(treeOf(fan(6)))
    for (const [id, placed] of before.nodes) {
      // The fold of what the root did not detect stays the last of its siblings.
      if (id !== 'undetected:root') expect(after.nodes.get(id)).toEqual(placed)
    }
  })

  it('lays out 15,000 nodes one behind the other without recursion', () => {
    const rows = Array.from({ length: 5000 }, (_, index) =>
      invocation(`i${index}`, {
        source_job_id: index === 0 ? null : `j${index - 1}`,
        event_executions: [event(`e${index}`, [job(`j${index}`)])],
      }),
    )
    expect(layoutChain(foldTree(treeOf(rows))).nodes.size).toBeLessThanOrEqual(300)
  })
})

describe('foldTree', () => {
  it('leaves a chain alone that can be drawn whole', () => {
    const tree = treeOf(fan(10))
    expect(foldTree(tree)).toBe(tree)
  })

  it('draws no more than allowed, and counts every node it does not draw', () => {
    const whole = treeOf(fan(400))
    const folded = foldTree(whole, [], 100)
    expect(folded.nodes.size).toBeLessThanOrEqual(100)
    expect(folded.nodes.size).toBeGreaterThan(80)
    let drawn = 0
    let hidden = 0
    for (const node of folded.nodes.values()) {
      if (node.kind === 'folded') hidden += node.hiddenIds.length
      else drawn += 1
    }
    expect(drawn + hidden).toBe(whole.nodes.size)
  })

  it('draws what failed and what is selected, wherever they are', () => {
    const folded = foldTree(treeOf(fan(400, 333)), ['invocation:i0390'], 100)
    expect(folded.nodes.has('job:j333')).toBe(true)
    expect(folded.nodes.has('invocation:i0390')).toBe(true)
  })

  it('makes a tree whose every child is there and knows its parent', () => {
    const folded = foldTree(treeOf(fan(400, 5)), [], 100)
    for (const node of folded.nodes.values()) {
      for (const childId of node.childIds) expect(folded.nodes.get(childId)?.parentId).toBe(node.id)
    }
    expect(layoutChain(folded).nodes.size).toBe(folded.nodes.size)
  })
})

describe('walking with the arrow keys', () => {
  const tree = treeOf(fan(3, 1))
  const layout = layoutChain(tree)

  it('goes left to the cause and right to the first effect', () => {
    expect(neighbour(tree, layout, 'job:j', 'left')).toBe('event:e')
    expect(neighbour(tree, layout, 'job:j', 'right')).toBe('invocation:i0000')
    expect(neighbour(tree, layout, 'invocation:root', 'left')).toBeNull()
  })

  it('goes up and down between siblings, and on along the column', () => {
    expect(neighbour(tree, layout, 'invocation:i0000', 'down')).toBe('invocation:i0001')
    expect(neighbour(tree, layout, 'invocation:i0001', 'up')).toBe('invocation:i0000')
    expect(neighbour(tree, layout, 'job:j0', 'down')).toBe('job:j1')
    expect(neighbour(tree, layout, 'invocation:i0002', 'down')).toBeNull()
  })

  it('finds the next failure, around at the end', () => {
    expect(nextFailure(tree, null, 1)).toBe('job:j1')
    expect(nextFailure(tree, 'job:j1', 1)).toBe('job:j1')
    expect(nextFailure(treeOf(fan(2)), null, 1)).toBeNull()
  })

  it('reads the chain as a list, each node before what it led to', () => {
    expect(depthFirst(treeOf(fan(1))).map(node => node.id)).toEqual([
      'invocation:root',
      'event:e',
      'job:j',
      'invocation:i0000',
      'event:e0',
      'job:j0',
      'undetected:i0000',
      'undetected:root',
    ])
  })
})
