import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { Network, Table2 } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Empty, SkeletonBlock } from '../../components/Panel.tsx'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { foldMap } from '../../model/map/fold-map.ts'
import { layoutMap, type MapDirection, stepInMap } from '../../model/map/layout-map.ts'
import { connectedTo, findInMap, type MapGraph, subgraph, toMapGraph } from '../../model/map/map-graph.ts'
import { count, formatCount } from '../../model/names.ts'
import { MapCanvas, type MapHandle } from './MapCanvas.tsx'
import { MapPanel } from './MapPanel.tsx'
import { MapSearchBox } from './MapSearchBox.tsx'
import { MapTable } from './MapTable.tsx'
import { nodeCount, nodeLabel, rowsOf } from './map-words.ts'
import { EXECUTION_MAP, MAX_INVOCATIONS } from './queries.ts'
import type { MapView } from './url.ts'
import '../../components/list-page.css'
import './map.css'

const route = getRouteApi('/map')
const VIEWS = [
  { name: 'map', label: 'Map', icon: Network },
  { name: 'table', label: 'Table', icon: Table2 },
] as const

/** What runs into what in a time: tables, functions, event modules and jobs. */
export function MapPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const view: MapView = search.view ?? (isNarrow ? 'table' : 'map')
  usePageTitle('Map')
  const asked = useRef(range.span())
  const query = useLiveQuery(
    EXECUTION_MAP,
    () => {
      asked.current = range.span()
      return { since: range.variables().from, until: range.variables().to, max: MAX_INVOCATIONS }
    },
    { identity: range.key, every: 10, leads: true },
  )
  const rows = query.data?.execution_map
  const whole = useMemo(() => (rows ? toMapGraph(rows) : null), [rows])
  const total = query.data?.window_totals.reduce((sum, row) => sum + row.total, 0) ?? 0
  const spanMs = asked.current.to - asked.current.from
  return (
    <div className="list-page map-page">
      <div className="list-page-head">
        <h1>Map</h1>
        <MapSearchBox
          value={search.q ?? ''}
          graph={whole}
          onChange={q => void navigate({ search: before => ({ ...before, q: q || undefined }), replace: true })}
          onFound={id => void navigate({ search: before => ({ ...before, sel: id }) })}
        />
        <fieldset className="segments" aria-label="View">
          {VIEWS.map(({ name, label, icon: Icon }) => (
            <button
              key={name}
              type="button"
              aria-pressed={view === name}
              onClick={() => void navigate({ search: before => ({ ...before, view: name }) })}
            >
              <Icon size={13} aria-hidden="true" />
              &nbsp;{label}
            </button>
          ))}
        </fieldset>
        {whole && whole.nodes.size > 0 && (
          <p className="list-page-count quiet" data-testid="map-count">
            {count(whole.nodes.size, 'node')}, {count(whole.edges.length, 'edge')}
            {whole.silentModules > 0 &&
              `; ${count(whole.silentModules, 'module')} ${whole.silentModules === 1 ? 'was' : 'were'} asked and never fired`}
          </p>
        )}
      </div>
      <div className="list-page-body">
        <Answer
          query={query}
          skeleton={<SkeletonBlock height={420} />}
          partial={() =>
            total > MAX_INVOCATIONS
              ? `Drawn from the newest ${formatCount(MAX_INVOCATIONS)} of ${formatCount(total)} invocations: numbers are of these. A shorter time shows all.`
              : null
          }
          empty={() =>
            whole && whole.nodes.size === 0 ? (
              <Empty title="Nothing ran in this time">
                Choose a longer time. The map is drawn from the invocations in it.
              </Empty>
            ) : null
          }
        >
          {() => whole && <Drawing whole={whole} view={view} spanMs={spanMs} />}
        </Answer>
      </div>
    </div>
  )
}

function Drawing({ whole, view, spanMs }: { whole: MapGraph; view: MapView; spanMs: number }) {
  const { sel, q, only } = route.useSearch()
  const navigate = route.useNavigate()
  const canvas = useRef<MapHandle>(null)
  const [hovered, setHovered] = useState<string | null>(null)
  const matches = useMemo(() => (q ? findInMap(whole, q) : null), [whole, q])
  const graph = useMemo(() => {
    const scoped = only && sel && whole.nodes.has(sel) ? subgraph(whole, connectedTo(whole, sel)) : whole
    return foldMap(scoped, new Set([...(matches ?? []), ...(sel ? [sel] : [])]))
  }, [whole, only, sel, matches])
  const layout = useMemo(() => layoutMap(graph), [graph])
  const selected = sel ? graph.nodes.get(sel) : undefined
  const focusId = hovered ?? selected?.id ?? null
  const lit = useMemo(
    () => (focusId && graph.nodes.has(focusId) ? connectedTo(graph, focusId) : matches),
    [graph, focusId, matches],
  )
  const select = (id: string | null, replace = false) =>
    void navigate({
      search: ({ sel: _, only: wasOnly, ...rest }) => ({
        ...rest,
        ...(id && { sel: id, ...(wasOnly && { only: wasOnly }) }),
      }),
      replace,
    })
  const walk = (direction: MapDirection) => () => {
    const next = selected ? stepInMap(graph, layout, selected.id, direction) : [...layout.nodes.keys()][0]
    if (next) select(next, true)
  }
  useKeys({
    ArrowLeft: walk('left'),
    ArrowRight: walk('right'),
    ArrowUp: walk('up'),
    ArrowDown: walk('down'),
    f: () => canvas.current?.fit(),
    Escape: () => (sel ? select(null) : false),
    // On a button or a link Enter is that one's.
    Enter: event => {
      if (!selected || selected.folded > 1 || (event.target as Element).closest('a, button')) return false
      return void navigate({ to: '/invocations', search: rowsOf(selected) })
    },
  })
  const drawn = [...graph.nodes.values()].reduce((sum, node) => sum + (node.folded > 1 ? 0 : 1), 0)
  const folded = [...graph.nodes.values()].reduce((sum, node) => sum + (node.folded > 1 ? node.folded : 0), 0)
  if (view === 'table') {
    const shown =
      only && sel && whole.nodes.has(sel) ? connectedTo(whole, sel) : matches && neighbourhood(whole, matches)
    return <MapTable graph={whole} lit={shown} spanMs={spanMs} />
  }
  return (
    <div className="map-body" data-panel={selected !== undefined || undefined}>
      <div className="map-stage">
        {folded > 0 && (
          <p className="map-note" role="status">
            {formatCount(drawn)} of {formatCount(drawn + folded)} nodes drawn, what fails and what is busiest first; the
            other {formatCount(folded)} are folded. The table has all.
          </p>
        )}
        {sel && !selected && (
          <p className="map-note" role="status">
            <span className="mono">{sel.slice(sel.indexOf(':') + 1)}</span> did nothing in this time.
          </p>
        )}
        <MapCanvas
          ref={canvas}
          graph={graph}
          layout={layout}
          selectedId={selected?.id ?? null}
          focusId={focusId}
          lit={lit}
          spanMs={spanMs}
          onSelect={id => select(id)}
          onHover={setHovered}
        />
        <p className="sr-only" aria-live="polite">
          {selected ? `${nodeLabel(selected)}, ${nodeCount(selected)}, ${formatCount(selected.failed)} failed` : ''}
        </p>
      </div>
      {selected && (
        <MapPanel
          graph={graph}
          node={selected}
          spanMs={spanMs}
          only={only === true}
          onOnly={next =>
            void navigate({ search: ({ only: _, ...rest }) => ({ ...rest, ...(next && { only: true as const }) }) })
          }
          onSelect={id => select(id)}
          onClose={() => select(null)}
        />
      )}
    </div>
  )
}

/** Nodes, and those that an edge connects them with. */
function neighbourhood(graph: MapGraph, ids: ReadonlySet<string>): Set<string> {
  const around = new Set(ids)
  for (const { source, target } of graph.edges) {
    if (ids.has(source)) around.add(target)
    if (ids.has(target)) around.add(source)
  }
  return around
}
