import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useMemo, useRef } from 'react'
import { useKeys } from '../../components/use-keys.ts'
import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import { shortTable } from '../../model/names.ts'
import { type Direction, depthFirst, neighbour, nextFailure } from '../../model/navigate-tree.ts'
import { ChainHeader } from './ChainHeader.tsx'
import { ChainList } from './ChainList.tsx'
import { FlowCanvas, type FlowHandle } from './FlowCanvas.tsx'
import { SidePanel } from './SidePanel.tsx'
import { SpokenChain } from './SpokenChain.tsx'
import type { ChainSearch } from './url.ts'
import type { Chain } from './use-chain.ts'

interface ChainViewProps {
  chain: Extract<Chain, { state: 'ready' }>
  selectedId: string | null
  view: ChainSearch['view']
  /** Choosing with the mouse can be undone with "back"; walking with the keys replaces. */
  onSelect: (id: string | null, replace: boolean) => void
  onView: (view: 'flow' | 'list') => void
}

export function ChainView({ chain, selectedId, view, onSelect, onView }: ChainViewProps) {
  const { tree, whole, layout, summary, cutOff } = chain
  const narrow = useMediaQuery('(max-width: 760px)', window.innerWidth <= 760, { getInitialValueInEffect: false })
  const shownView = view ?? (narrow ? 'list' : 'flow')
  const flow = useRef<FlowHandle>(null)
  const body = useRef<HTMLDivElement>(null)
  const selected = selectedId ? findNode(tree, selectedId) : null
  const covered = narrow && selected !== null

  const { source_operation, source_table, source_record_id } = summary.root
  useEffect(() => {
    const what = [source_operation, shortTable(source_table), source_record_id].filter(Boolean).join(' ')
    document.title = `${what} · Event Detector Observability`
  }, [source_operation, source_table, source_record_id])

  const step = (from: string, direction: Direction) => {
    if (shownView === 'flow' || direction === 'left' || direction === 'right')
      return neighbour(tree, layout, from, direction)
    const rows = depthFirst(tree)
    return rows[rows.findIndex(node => node.id === from) + (direction === 'down' ? 1 : -1)]?.id ?? null
  }
  const walk = (direction: Direction) => (event: KeyboardEvent) => {
    // In the panel the arrows scroll the text.
    if (event.target instanceof Element && event.target.closest('.side-panel')) return false
    const next = selected ? step(selected.id, direction) : tree.rootId
    if (next) onSelect(next, true)
  }
  const toFailure = (step: 1 | -1) => () => {
    const next = nextFailure(whole, selected?.id ?? null, step)
    if (next) onSelect(next, true)
  }
  const close = () => {
    onSelect(null, false)
    body.current?.focus({ preventScroll: true })
  }
  useKeys({
    ArrowLeft: walk('left'),
    ArrowRight: walk('right'),
    ArrowUp: walk('up'),
    ArrowDown: walk('down'),
    e: toFailure(1),
    E: toFailure(-1),
    f: () => flow.current?.fit(),
    l: () => onView(shownView === 'flow' ? 'list' : 'flow'),
    Escape: () => (selected ? close() : false),
  })

  const pathIds = useMemo(() => {
    const ids = new Set<string>()
    for (let node = selected; node; node = node.parentId === null ? null : (tree.nodes.get(node.parentId) ?? null)) {
      ids.add(node.id)
    }
    return ids
  }, [selected, tree])

  return (
    <div className="chain">
      <div inert={covered || undefined}>
        <ChainHeader
          summary={summary}
          view={shownView}
          onView={onView}
          onFailure={toFailure(1)}
          drawn={shownView === 'flow' && tree.nodes.size < whole.nodes.size ? tree.nodes.size : null}
          total={whole.nodes.size}
          cutOff={cutOff}
        />
      </div>
      <div className="chain-body" data-panel={selected ? 'open' : undefined}>
        <section
          ref={body}
          className="chain-main"
          tabIndex={-1}
          aria-label="Chain"
          data-space-pauses
          inert={covered || undefined}
        >
          {shownView === 'flow' ? (
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
          ) : (
            <ChainList tree={tree} selectedId={selected?.id ?? null} onSelect={id => onSelect(id, false)} />
          )}
        </section>
        {selected && (
          <SidePanel
            key={selected.id}
            node={selected}
            tree={tree}
            whole={whole}
            startedAt={summary.startedAt}
            sheet={narrow}
            onSelect={id => onSelect(id, false)}
            onClose={close}
          />
        )}
      </div>
    </div>
  )
}

/** A link may name an event that was not detected: it is found in the fold it went into. */
function findNode(tree: ChainTree, id: string): ChainNode | null {
  const node = tree.nodes.get(id)
  if (node || !id.startsWith('event:')) return node ?? null
  const eventId = id.slice('event:'.length)
  for (const other of tree.nodes.values()) {
    if (other.kind === 'undetected' && other.rows.some(row => row.id === eventId)) return other
  }
  return null
}
