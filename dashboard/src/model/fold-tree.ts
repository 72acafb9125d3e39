import { type ChainNode, type ChainTree, isNodeFailed, isNodeRunning } from './chain-tree.ts'

/** The canvas stays fluent up to about this many nodes. */
export const MAX_DRAWN_NODES = 300

/**
 * At most `max` nodes: those named in `keepIds`, what failed and what runs come first (with the way to them), then
 * nodes near the root, of many siblings the first ones. What is left out is counted by one folded node under its parent, so nothing vanishes silently.
 */
export function foldTree(tree: ChainTree, keepIds: readonly string[] = [], max = MAX_DRAWN_NODES): ChainTree {
  if (tree.nodes.size <= max) return tree

  const kept = new Set<string>()
  const hiddenChildren = new Map<string, number>()
  let folds = 0
  const keep = (node: ChainNode) => {
    kept.add(node.id)
    hiddenChildren.set(node.id, node.childIds.length)
    if (node.childIds.length > 0) folds += 1
    if (node.parentId === null) return
    const left = (hiddenChildren.get(node.parentId) ?? 0) - 1
    hiddenChildren.set(node.parentId, left)
    if (left === 0) folds -= 1
  }
  const keepWithPath = (id: string) => {
    const path: ChainNode[] = []
    for (let node = tree.nodes.get(id); node && !kept.has(node.id); node = parentOf(tree, node)) path.unshift(node)
    // Each node may bring a folded one for its other children.
    const cost = path.reduce((sum, node) => sum + (node.childIds.length > 0 ? 2 : 1), 0)
    if (kept.size + folds + cost <= max) path.forEach(keep)
  }

  keepWithPath(tree.rootId)
  keepIds.forEach(keepWithPath)
  for (const node of tree.nodes.values()) if (isNodeFailed(node) || isNodeRunning(node)) keepWithPath(node.id)
  for (const node of byImportance(tree)) if (node.parentId === null || kept.has(node.parentId)) keepWithPath(node.id)

  const nodes = new Map<string, ChainNode>()
  for (const node of tree.nodes.values()) {
    if (!kept.has(node.id)) continue
    const topIds = node.childIds.filter(id => !kept.has(id))
    const childIds = node.childIds.filter(id => kept.has(id))
    if (topIds.length === 0) {
      nodes.set(node.id, node)
      continue
    }
    const foldedId = `folded:${node.id}`
    nodes.set(node.id, { ...node, childIds: [...childIds, foldedId] })
    nodes.set(foldedId, {
      kind: 'folded',
      id: foldedId,
      parentId: node.id,
      childIds: [],
      depth: node.depth + 1,
      topIds,
      hiddenIds: withDescendants(tree, topIds),
    })
  }
  return { ...tree, nodes }
}

/** Near the root first; each further sibling, with all below it, counts like half a step further away. */
function byImportance(tree: ChainTree): ChainNode[] {
  const distances = new Map<string, number>([[tree.rootId, 0]])
  for (const node of tree.nodes.values()) {
    const distance = distances.get(node.id) ?? 0
    node.childIds.forEach((id, index) => {
      distances.set(id, distance + 1 + index / 2)
    })
  }
  return [...tree.nodes.values()].sort((a, b) => (distances.get(a.id) ?? 0) - (distances.get(b.id) ?? 0))
}

function parentOf(tree: ChainTree, node: ChainNode): ChainNode | undefined {
  return node.parentId === null ? undefined : tree.nodes.get(node.parentId)
}

function withDescendants(tree: ChainTree, ids: readonly string[]): string[] {
  const all = [...ids]
  // The list grows while it is walked.
  for (const id of all) all.push(...(tree.nodes.get(id)?.childIds ?? []))
  return all
}
