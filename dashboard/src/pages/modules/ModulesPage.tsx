import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { columnsFor, DataTable } from '../../components/DataTable.tsx'
import { FindBox } from '../../components/FindBox.tsx'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { useWidth } from '../../components/waterfall/use-width.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { count, formatCount } from '../../model/names.ts'
import { sortRows } from '../../model/sort-rows.ts'
import { MODULE_COLUMNS, NarrowModule, SORT_VALUES } from './columns.tsx'
import { MODULES, type ModuleTotals } from './queries.ts'
import { MODULE_FILTERS, type ModuleFilter, type ModulesSearch } from './url.ts'
import './modules.css'

const route = getRouteApi('/modules')

const FILTERS: Record<ModuleFilter, { label: string; takes: (row: ModuleTotals) => boolean }> = {
  never: { label: 'Never fired', takes: row => row.detected === 0 },
  always: { label: 'Always fired', takes: row => row.detected === row.asked },
  failing: { label: 'Failing', takes: row => row.failed > 0 },
}

/** Every event module that was asked in the window: how often it fired and failed, and the time it took. */
export function ModulesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const every = useTotalsInterval()
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  usePageTitle('Event modules')
  const query = useLiveQuery(MODULES, () => windowVariables(range), { identity: range.key, every, leads: true })
  const change = (changes: Partial<Record<keyof ModulesSearch, string | undefined>>, replace = false) =>
    void navigate({ search: { ...search, ...changes } as ModulesSearch, replace })
  const all = query.data?.modules ?? []
  const rows = useMemo(() => shownRows(query.data?.modules ?? [], search), [query.data, search])
  const sortColumn = search.sort?.replace(/^-/, '')
  return (
    <div className="list-page">
      <div className="list-page-head">
        <h1>Event modules</h1>
        <FindBox
          label="Find event modules by name"
          placeholder="Part of a name"
          value={search.q ?? ''}
          onChange={q => change({ q: q.trim() || undefined }, true)}
        />
        <fieldset className="segments" aria-label="Which modules are listed">
          <button type="button" aria-pressed={!search.only} onClick={() => change({ only: undefined })}>
            All
          </button>
          {MODULE_FILTERS.map(name => (
            <button
              key={name}
              type="button"
              aria-pressed={search.only === name}
              onClick={() => change({ only: name })}
              data-testid={`only-${name}`}
            >
              {FILTERS[name].label}
              {query.data && <span className="quiet number">&nbsp;{all.filter(FILTERS[name].takes).length}</span>}
            </button>
          ))}
        </fieldset>
        {query.data && (
          <p className="list-page-count quiet" role="status" data-testid="list-count">
            {rows.length < all.length && `${formatCount(rows.length)} of `}
            {count(all.length, 'module')}
          </p>
        )}
      </div>
      <div ref={scroller} className="list-page-body" data-space-pauses data-scroll-restoration-id="modules">
        <Answer
          query={query}
          skeleton={<SkeletonRows rows={12} height={40} />}
          empty={data =>
            rows.length > 0 ? null : all.length > 0 ? (
              <Empty
                title={search.only && !search.q ? NONE[search.only] : 'No module matches'}
                action={
                  <Link to="/modules" search={{}} className="button">
                    Show all {formatCount(all.length)}
                  </Link>
                }
              >
                {search.q
                  ? 'Names are looked at, not what the modules said.'
                  : 'A longer time may show another picture.'}
              </Empty>
            ) : (
              <NoModules anyAtAll={data.any.length > 0} />
            )
          }
        >
          {() => (
            <DataTable
              label="Event modules"
              testId="modules"
              rows={rows}
              columns={columnsFor(MODULE_COLUMNS, width)}
              rowKey={row => row.event_name}
              rowHeight={40}
              scroller={scroller}
              keys
              sort={sortColumn ? { column: sortColumn, descending: search.sort?.startsWith('-') ?? false } : undefined}
              onSort={({ column, descending }) => change({ sort: `${descending ? '-' : ''}${column}` })}
              rowProps={row => ({ 'data-tone': row.failed > 0 ? 'failed' : 'ok' })}
              narrow={{ height: 62, render: row => <NarrowModule row={row} /> }}
              isNarrow={isNarrow}
            />
          )}
        </Answer>
      </div>
    </div>
  )
}

const NONE: Record<ModuleFilter, string> = {
  never: 'Every module fired in this time',
  always: 'No module fired each time it was asked',
  failing: 'No module failed in this time',
}

function shownRows(all: readonly ModuleTotals[], { q, only, sort }: ModulesSearch): ModuleTotals[] {
  const part = q?.toLowerCase()
  const found = all.filter(
    row => (!part || row.event_name.toLowerCase().includes(part)) && (!only || FILTERS[only].takes(row)),
  )
  const value = SORT_VALUES[sort?.replace(/^-/, '') ?? '']
  return value ? sortRows(found, value, sort?.startsWith('-') ?? false) : found
}

function NoModules({ anyAtAll }: { anyAtAll: boolean }) {
  return anyAtAll ? (
    <Empty
      title="No event module was asked in this time"
      action={
        <Link to="/modules" search={{ from: 'now-7d' }} className="button">
          Look at the last 7 days
        </Link>
      }
    >
      They were asked at other times. A module that is listed nowhere was not asked by any function.
    </Empty>
  ) : (
    <Empty title="No event module has been asked yet">
      They appear here with the first row change that reaches a function whose detector has the plugin.
    </Empty>
  )
}
