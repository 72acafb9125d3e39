import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { rememberListSearch } from '../../components/last-list-search.ts'
import { Notice } from '../../components/Notice.tsx'
import { useKeys } from '../../components/use-keys.ts'
import { count, formatCount } from '../../model/names.ts'
import { Filters } from './Filters.tsx'
import { InvocationTable } from './InvocationTable.tsx'
import { isFiltered } from './url.ts'
import { useInvocations } from './use-invocations.ts'
import './invocations.css'

const route = getRouteApi('/invocations')

export function InvocationsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { live, config } = useApi()
  const paused = usePaused()
  const scroller = useRef<HTMLDivElement>(null)
  const find = useRef<HTMLInputElement>(null)
  const [scrolled, setScrolled] = useState(false)
  const list = useInvocations(search, scrolled)

  useEffect(() => {
    document.title = 'Invocations · Event Detector Observability'
  }, [])

  useEffect(() => rememberListSearch(search), [search])

  const showNew = () => {
    scroller.current?.scrollTo({ top: 0 })
    setScrolled(false)
    if (paused) live.setPaused(false)
    list.showWaiting()
  }
  useKeys({
    j: () => moveFocus(scroller.current, 1),
    k: () => moveFocus(scroller.current, -1),
    '/': () => find.current?.focus(),
    n: () => (list.waiting > 0 ? showNew() : false),
  })

  return (
    <div className="invocations">
      <div className="list-head">
        <h1 className="sr-only">Invocations</h1>
        <Filters search={search} findRef={find} onChange={next => navigate({ search: next })} />
        <p className="list-count" data-testid="list-count">
          {list.total !== null && list.rows && (
            <>
              {list.rows.length < list.total && <>{formatCount(list.rows.length)} of </>}
              <strong>{formatCount(list.total)}</strong> {list.total === 1 ? 'invocation' : 'invocations'}
            </>
          )}
        </p>
      </div>
      <div
        ref={scroller}
        className="list-scroller"
        data-scroll-restoration-id="invocations"
        onScroll={event => setScrolled(event.currentTarget.scrollTop > 8)}
      >
        {list.waiting > 0 && (
          <div className="waiting">
            <button type="button" data-testid="new-rows" onClick={showNew}>
              {formatCount(list.waiting)} new
            </button>
          </div>
        )}
        {list.rows && list.rows.length > 0 && <InvocationTable rows={list.rows} />}
        {list.rows && list.rows.length > 0 && list.total !== null && list.rows.length < list.total && (
          <div className="older">
            <button type="button" className="button" disabled={list.loadingOlder} onClick={list.loadOlder}>
              {list.loadingOlder ? 'Loading' : 'Load older'}
            </button>
            <span className="quiet">
              {count(list.total - list.rows.length, 'invocation')} not loaded
              {list.olderFailure && `. That failed: ${list.olderFailure.message}`}
            </span>
          </div>
        )}
        {!list.rows && !list.failure && <Skeleton />}
        {!list.rows && list.failure && (
          <Notice inPage tone="failed" title="The invocations cannot be read">
            <p>{list.failure.message}. The page tries again by itself.</p>
          </Notice>
        )}
        {list.rows?.length === 0 &&
          (isFiltered(search) ? (
            <Notice
              inPage
              title="No invocation matches these filters"
              action={
                <button type="button" className="button" onClick={() => navigate({ search: {} })}>
                  Clear filters
                </button>
              }
            >
              <p>
                {search.q
                  ? 'The text must be the whole record key, invocation id or correlation id.'
                  : 'New ones appear here when they do.'}
              </p>
            </Notice>
          ) : (
            <NothingYet shopUrl={config.shopUrl} />
          ))}
      </div>
    </div>
  )
}

function NothingYet({ shopUrl }: { shopUrl: string | null }) {
  return (
    <Notice
      inPage
      title="Nothing has been recorded yet"
      action={
        shopUrl && (
          <a className="button" href={shopUrl} target="_blank" rel="noreferrer">
            Place an order in the example shop
          </a>
        )
      }
    >
      <p>
        One row appears here for each row change that Hasura delivers to a function. It appears by itself, about a
        second after the change.
      </p>
    </Notice>
  )
}

function Skeleton() {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: 16 }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  )
}

function moveFocus(scroller: HTMLElement | null, step: 1 | -1): void {
  const links = [...(scroller?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])]
  const at = links.findIndex(link => link.closest('tr')?.contains(document.activeElement))
  const next = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]
  next?.focus({ preventScroll: true })
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' })
}
