import type { ChainNode, ChainTree } from '../chain-tree.ts'
import { shortTable } from '../names.ts'
import { alignBy, type Pair } from './align.ts'

/** What a chain did, at one place of two chains: an invocation, an event that was detected, or a job. */
export interface AlignedNode extends Pair<ChainNode> {
  /** 0 is the root. */
  depth: number
  name: string
}

/** Two chains from their roots on: what has the same name below the same cause stands side by side. */
export function alignChains(left: ChainTree, right: ChainTree): AlignedNode[] {
  const rows: AlignedNode[] = []
  const roots = { left: left.nodes.get(left.rootId) ?? null, right: right.nodes.get(right.rootId) ?? null }
  const waiting: (Pair<ChainNode> & { depth: number })[] = [{ key: 'root', ...roots, depth: 0 }]
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    const { depth } = pair
    const path = pair.key
    rows.push({ ...pair, name: nameOf((pair.left ?? pair.right) as ChainNode) })
    const below = alignBy(childrenOf(left, pair.left), childrenOf(right, pair.right), nameOf)
    for (const child of below.reverse()) waiting.push({ ...child, key: `${path} / ${child.key}`, depth: depth + 1 })
  }
  return rows
}

/** Modules that did not fire led to nothing; they are compared invocation by invocation. */
function childrenOf(tree: ChainTree, node: ChainNode | null): ChainNode[] {
  return (node?.childIds ?? []).flatMap(id => {
    const child = tree.nodes.get(id)
    return child && child.kind !== 'undetected' && child.kind !== 'folded' ? [child] : []
  })
}

function nameOf(node: ChainNode): string {
  switch (node.kind) {
    case 'invocation':
      return `${node.row.source_operation ?? ''} ${shortTable(node.row.source_table)}, ${node.row.source_function}`.trim()
    case 'event':
      return node.row.event_name
    case 'job':
      return node.row.job_name
    default:
      return ''
  }
}
