import { type ChainNode, type ChainTree, isNodeFailed } from './chain-tree.ts'
import type { ChainLayout } from './layout.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** Where an arrow key leads: left to the cause, right to the first effect, up and down to siblings, then along the column. */
export function neighbour(tree: ChainTree, layout: ChainLayout, id: string, direction: Direction): string | null {
  const node = tree.nodes.get(id)
  if (!node) return tree.rootId
  if (direction === 'left') return node.parentId
  if (direction === 'right') return node.childIds[0] ?? null
  const column = [...tree.nodes.values()]
    .filter(other => other.depth === node.depth)
    .sort((a, b) => heightOf(layout, a.id) - heightOf(layout, b.id))
  const at = column.findIndex(other => other.id === id)
  return column[at + (direction === 'down' ? 1 : -1)]?.id ?? null
}

function heightOf(layout: ChainLayout, id: string): number {
  return layout.nodes.get(id)?.y ?? 0
}

/** The next (or previous) failed node after the one selected; around at the end. */
export function nextFailure(tree: ChainTree, id: string | null, step: 1 | -1): string | null {
  const failed = [...tree.nodes.values()].filter(isNodeFailed).map(node => node.id)
  if (failed.length === 0) return null
  const at = id === null ? -1 : failed.indexOf(id)
  if (at === -1) return (step === 1 ? failed[0] : failed[failed.length - 1]) ?? null
  return failed[(at + step + failed.length) % failed.length] ?? null
}

/** The nodes as a list reads them: each one followed by all it led to. */
export function depthFirst(tree: ChainTree): ChainNode[] {
  const nodes: ChainNode[] = []
  const stack = [tree.rootId]
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    const node = tree.nodes.get(id)
    if (!node) continue
    nodes.push(node)
    stack.push(...node.childIds.toReversed())
  }
  return nodes
}
