import { useMemo, useRef } from 'react'
import { useKeys } from '../../components/use-keys.ts'
import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import type { ChainLayout } from '../../model/layout.ts'
import { type Direction, neighbour, nextFailure } from '../../model/navigate-tree.ts'
import { FlowCanvas, type FlowHandle } from './FlowCanvas.tsx'
import { SpokenChain } from './SpokenChain.tsx'

interface FlowViewProps {
  /** What is drawn. */
  tree: ChainTree
  /** All of it. */
  whole: ChainTree
  layout: ChainLayout
  selected: ChainNode | null
  /** Choosing with the mouse can be undone with "back"; walking with the keys replaces. */
  onSelect: (id: string | null, replace: boolean) => void
}

/** The chain as a drawing, from left to right, with the keys that walk in it. */
export function FlowView({ tree, whole, layout, selected, onSelect }: FlowViewProps) {
  const flow = useRef<FlowHandle>(null)
  const walk = (direction: Direction) => (event: KeyboardEvent) => {
    // In the panel the arrows scroll the text.
    if (event.target instanceof Element && event.target.closest('.side-panel')) return false
    const next = selected ? neighbour(tree, layout, selected.id, direction) : tree.rootId
    if (next) onSelect(next, true)
  }
  const toFailure = (step: 1 | -1) => () => {
    const next = nextFailure(whole, selected?.id ?? null, step)
    if (next) onSelect(next, true)
  }
  useKeys({
    ArrowLeft: walk('left'),
    ArrowRight: walk('right'),
    ArrowUp: walk('up'),
    ArrowDown: walk('down'),
    e: toFailure(1),
    E: toFailure(-1),
    f: () => flow.current?.fit(),
    p: walk('left'),
    r: () => onSelect(tree.rootId, true),
  })

  const pathIds = useMemo(() => {
    const ids = new Set<string>()
    for (let node = selected; node; node = node.parentId === null ? null : (tree.nodes.get(node.parentId) ?? null)) {
      ids.add(node.id)
    }
    return ids
  }, [selected, tree])
  return (
    <>
      <FlowCanvas
        ref={flow}
        tree={tree}
        layout={layout}
        selectedId={selected?.id ?? null}
        pathIds={pathIds}
        onSelect={id => onSelect(id, false)}
      />
      <SpokenChain tree={tree} selected={selected} onSelect={id => onSelect(id, false)} />
    </>
  )
}
