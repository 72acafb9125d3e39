import { useMemo, useRef } from 'react'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import type { ChainNode } from '../../model/chain-tree.ts'
import { shortTable } from '../../model/names.ts'
import { nextFailure } from '../../model/navigate-tree.ts'
import { countSpans } from '../../model/waterfall/summarize-spans.ts'
import { SpanPanel } from '../spans/SpanPanel.tsx'
import { SpansWaterfall } from '../spans/SpansWaterfall.tsx'
import type { Spans } from '../spans/use-spans.ts'
import { ChainHeader } from './ChainHeader.tsx'
import { FlowView } from './FlowView.tsx'
import { RowsView } from './rows/RowsView.tsx'
import { SidePanel } from './SidePanel.tsx'
import { TableView } from './TableView.tsx'
import { CHAIN_VIEWS, type ChainSearch, type ChainViewName } from './url.ts'
import type { Chain, ChainDrawing } from './use-chain.ts'

interface ChainViewProps {
  rootId: string
  chain: Extract<Chain, { state: 'ready' }>
  spans: Spans
  view: ChainViewName
  narrow: boolean
  search: ChainSearch
  onSearch: (change: Partial<ChainSearch>, replace: boolean) => void
}

/** One chain, four views over one selection. */
export function ChainView({ rootId, chain, spans, view, narrow, search, onSearch }: ChainViewProps) {
  const { drawing } = chain
  const body = useRef<HTMLDivElement>(null)
  const selectedId = search.sel ?? null
  const selected = drawing && selectedId ? findNode(drawing, selectedId) : null
  const row =
    selectedId !== null && !selected ? spans.shown?.tree.rowOf.get(selectedId.replace('group:', '')) : undefined
  const hasPanel = selected !== null || row !== undefined
  const covered = narrow && hasPanel

  const root = drawing?.summary.root
  usePageTitle(
    root
      ? [root.source_operation, shortTable(root.source_table), root.source_record_id].filter(Boolean).join(' ')
      : 'Chain',
  )

  // Of a chain too big to be drawn as a whole the spans know more.
  const read = drawing?.cutOff ? spans.shown?.read : undefined
  const counts = useMemo(() => (read ? countSpans(read.table) : null), [read])
  const select = (sel: string | null, replace: boolean) => onSearch({ sel: sel ?? undefined }, replace)
  const show = (next: ChainViewName) => onSearch({ view: next }, false)
  const close = () => {
    select(null, false)
    ;(body.current?.querySelector<HTMLElement>('[role="treegrid"]') ?? body.current)?.focus({ preventScroll: true })
  }
  useKeys({
    '1': () => show('flow'),
    '2': () => show('waterfall'),
    '3': () => show('table'),
    '4': () => show('rows'),
    l: () => show(CHAIN_VIEWS[(CHAIN_VIEWS.indexOf(view) + 1) % CHAIN_VIEWS.length] as ChainViewName),
    Escape: () => (hasPanel ? close() : false),
  })
  const toFailure = () => {
    const next = drawing && nextFailure(drawing.whole, selected?.id ?? null, 1)
    if (next) select(next, true)
  }
  const openPanel = () => document.querySelector<HTMLElement>('.panel-body')?.focus()

  return (
    <div className="chain">
      <div inert={covered || undefined}>
        <ChainHeader drawing={drawing} counts={counts} view={view} onView={show} onFailure={toFailure} />
      </div>
      <div className="chain-body" data-panel={hasPanel ? 'open' : undefined}>
        <section
          ref={body}
          className="chain-main"
          tabIndex={-1}
          aria-label="Chain"
          data-space-pauses
          inert={covered || undefined}
        >
          {view === 'flow' && drawing?.layout && (
            <FlowView {...drawing} layout={drawing.layout} selected={selected} onSelect={select} />
          )}
          {view === 'flow' && !drawing && (
            <p className="chain-loading quiet">
              {chain.failure
                ? `The chain cannot be read: ${chain.failure.message}. Trying again.`
                : 'Reading the chain'}
            </p>
          )}
          {view === 'waterfall' && (
            <SpansWaterfall
              spans={spans}
              label="Waterfall of the chain"
              search={search}
              onSearch={onSearch}
              selectedId={selectedId}
              onSelect={select}
              onOpen={openPanel}
            />
          )}
          {view === 'table' && (
            <TableView
              spans={spans}
              sort={search.sort}
              q={search.q ?? ''}
              onSearch={onSearch}
              selectedId={selectedId}
              onSelect={id => select(id, false)}
            />
          )}
          {view === 'rows' && (
            <RowsView
              rootId={rootId}
              selectedId={selectedId}
              onSelect={id => select(id, false)}
              total={drawing?.summary.invocations ?? 0}
            />
          )}
        </section>
        {selected && drawing && (
          <SidePanel
            key={selected.id}
            node={selected}
            tree={drawing.tree}
            whole={drawing.whole}
            startedAt={drawing.summary.startedAt}
            sheet={narrow}
            onSelect={id => select(id, false)}
            onClose={close}
          />
        )}
        {!selected && row !== undefined && spans.shown && (
          <SpanPanel
            key={selectedId}
            shown={spans.shown}
            row={row}
            isGroup={selectedId?.startsWith('group:') ?? false}
            sheet={narrow}
            onSelect={id => select(id, false)}
            onClose={close}
          />
        )}
      </div>
    </div>
  )
}

/** A link may name a node that is folded away, or a module that was not detected: it is found in the node it went into. */
function findNode({ tree, whole }: ChainDrawing, id: string): ChainNode | null {
  const node = tree.nodes.get(id) ?? whole.nodes.get(id)
  if (node || !id.startsWith('event:')) return node ?? null
  const eventId = id.slice('event:'.length)
  for (const other of whole.nodes.values()) {
    if (other.kind === 'undetected' && other.rows.some(row => row.id === eventId)) return other
  }
  return null
}
