import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { rememberListSearch } from '../../components/last-list-search.ts'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange, useSetRange } from '../../components/use-range.ts'
import { useZone } from '../../components/use-zone.ts'
import { describeRange } from '../../model/describe-range.ts'
import { count, formatCount } from '../../model/names.ts'
import { toRangeSearch, widenSpan } from '../../model/time-range.ts'
import { ColumnsMenu } from './ColumnsMenu.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { Filters } from './Filters.tsx'
import { InvocationList } from './InvocationList.tsx'
import { type InvocationsSearch, isFiltered, parseInvocationsSearch } from './url.ts'
import { useBelow } from './use-below.ts'
import { type InvocationList as Rows, useInvocations } from './use-invocations.ts'
import { ViewsMenu } from './ViewsMenu.tsx'
import './invocations.css'

const route = getRouteApi('/invocations')

/** How close to the end, in pixels, older rows are asked for. */
const NEAR_END = 800

export function InvocationsPage() {
  // The time range stands in the same address; the router keeps it.
  const address = route.useSearch()
  const search = useMemo(() => parseInvocationsSearch({ ...address }), [address])
  const navigate = route.useNavigate()
  const range = useRange()
  const { live, config } = useApi()
  const paused = usePaused()
  const scroller = useRef<HTMLDivElement>(null)
  const [scrolled, setScrolled] = useState(false)
  const list = useInvocations(search, range, scrolled)
  const below = useBelow(search, range.key)
  usePageTitle('Invocations')
  useEffect(() => rememberListSearch(search), [search])

  const showNew = () => {
    scroller.current?.scrollTo({ top: 0 })
    setScrolled(false)
    if (paused) live.setPaused(false)
    list.showWaiting()
  }
  useKeys({ n: () => (list.waiting > 0 ? showNew() : false) })
  const { rows, total } = list
  const missing = rows && total !== null ? total - rows.length : 0
  const change = (next: InvocationsSearch) => void navigate({ search: next })

  return (
    <div className="invocations">
      <div className="list-head">
        <h1 className="sr-only">Invocations</h1>
        <Filters search={search} range={range} onChange={change} />
        <p className="list-count" data-testid="list-count">
          {total !== null && rows && (
            <>
              {missing > 0 && <>{formatCount(rows.length)} of </>}
              <strong>{formatCount(total)}</strong>{' '}
              {search.roots ? (total === 1 ? 'root' : 'roots') : total === 1 ? 'invocation' : 'invocations'}
            </>
          )}
        </p>
        <div className="list-tools">
          <ViewsMenu search={search} />
          <ColumnsMenu
            cols={search.cols}
            onChange={cols => {
              const { cols: _, ...rest } = search
              change(cols ? { ...rest, cols } : rest)
            }}
          />
          <ExportMenu search={search} range={range} />
        </div>
      </div>
      <div
        ref={scroller}
        className="list-scroller"
        data-scroll-restoration-id="invocations"
        data-space-pauses
        onScroll={event => {
          const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
          setScrolled(scrollTop > 8)
          if (
            missing > 0 &&
            list.canLoadMore &&
            scrollTop + clientHeight > scrollHeight - NEAR_END &&
            !list.loadingOlder
          ) {
            void list.loadOlder()
          }
        }}
      >
        {list.waiting > 0 && (
          <div className="waiting">
            <button type="button" data-testid="new-rows" onClick={showNew}>
              {formatCount(list.waiting)} new
            </button>
          </div>
        )}
        <Answer
          query={{ data: rows, failure: list.failure, refresh: list.refresh, operation: 'Invocations' }}
          skeleton={<SkeletonRows rows={16} height={36} />}
          empty={known =>
            known.length > 0 ? null : (
              <NoRows filtered={isFiltered(search)} shopUrl={config.shopUrl} onClear={() => change({})} />
            )
          }
        >
          {known => (
            <>
              <InvocationList
                rows={known}
                total={total}
                search={search}
                options={{ grouped: search.roots === true, ...below }}
                scroller={scroller}
                onSort={sort => {
                  const { sort: _, ...rest } = search
                  change(sort ? { ...rest, sort } : rest)
                }}
              />
              {missing > 0 && <Older list={list} shown={known.length} missing={missing} sort={search.sort} />}
            </>
          )}
        </Answer>
      </div>
    </div>
  )
}

interface OlderProps {
  list: Rows
  shown: number
  missing: number
  sort: InvocationsSearch['sort']
}

function Older({ list, shown, missing, sort }: OlderProps) {
  return (
    <div className="older">
      {list.canLoadMore ? (
        <button type="button" className="button" disabled={list.loadingOlder} onClick={() => void list.loadOlder()}>
          {list.loadingOlder ? 'Loading' : sort ? 'Load shorter' : 'Load older'}
        </button>
      ) : (
        <span>By duration the first {formatCount(shown)} can be shown. Narrow the filter to see others.</span>
      )}
      <span className="quiet">
        {count(missing, 'invocation')} not loaded
        {list.olderFailure && `. That failed: ${list.olderFailure.message}`}
      </span>
    </div>
  )
}

function NoRows({ filtered, shopUrl, onClear }: { filtered: boolean; shopUrl: string | null; onClear: () => void }) {
  const range = useRange()
  const setRange = useSetRange()
  const [zone] = useZone()
  return (
    <Empty
      title={filtered ? 'No invocation of this time matches these filters' : 'No invocation in this time'}
      action={
        <>
          {filtered && (
            <button type="button" className="button" onClick={onClear}>
              Clear filters
            </button>
          )}
          <button
            type="button"
            className="button"
            onClick={() => setRange(toRangeSearch(widenSpan(range.span(), Date.now())))}
          >
            Twice as long
          </button>
          {!filtered && shopUrl && (
            <a className="button" href={shopUrl} target="_blank" rel="noreferrer">
              Place an order in the example shop
            </a>
          )}
        </>
      }
    >
      Shown is: {describeRange(range, zone)}.{' '}
      {filtered
        ? 'New ones appear here when they match.'
        : 'One row appears here for each row change that Hasura delivers to a function, about a second after it.'}
    </Empty>
  )
}
