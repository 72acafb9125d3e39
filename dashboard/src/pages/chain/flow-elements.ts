import type { Edge, Node } from '@xyflow/react'
import { type ChainNode, type ChainTree, isNodeFailed } from '../../model/chain-tree.ts'
import type { ChainLayout } from '../../model/layout.ts'
import type { Tone } from '../../model/status.ts'
import { nodeStatus } from './node-words.ts'

export type FlowNodeData = { node: ChainNode; tone: Tone; selected: boolean; onPath: boolean }
export type FlowEdgeData = { state: 'plain' | 'path' | 'failed' | 'running' | 'loose' }

export function toFlowNodes(
  tree: ChainTree,
  layout: ChainLayout,
  selectedId: string | null,
  pathIds: ReadonlySet<string>,
): Node<FlowNodeData>[] {
  return [...tree.nodes.values()].flatMap(node => {
    const placed = layout.nodes.get(node.id)
    if (!placed) return []
    return {
      id: node.id,
      type: node.kind,
      position: { x: placed.x, y: placed.y },
      width: placed.width,
      height: placed.height,
      data: {
        node,
        tone: nodeStatus(node).tone,
        selected: node.id === selectedId,
        onPath: pathIds.has(node.id),
      },
    }
  })
}

export function toFlowEdges(tree: ChainTree, layout: ChainLayout, pathIds: ReadonlySet<string>): Edge<FlowEdgeData>[] {
  return layout.edges.map(({ id, source, target, intoRunning }) => {
    const node = tree.nodes.get(target)
    const state: FlowEdgeData['state'] = pathIds.has(target)
      ? 'path'
      : intoRunning
        ? 'running'
        : node && isNodeFailed(node)
          ? 'failed'
          : node?.kind === 'undetected' || node?.kind === 'folded' || (node?.kind === 'invocation' && node.orphan)
            ? 'loose'
            : 'plain'
    return {
      id,
      source,
      target,
      type: 'chain',
      zIndex: state === 'path' ? 2 : state === 'plain' || state === 'loose' ? 0 : 1,
      data: { state },
    }
  })
}
