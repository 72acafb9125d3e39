import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { rememberRecent } from '../../app/palette/recents.ts'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Notice } from '../../components/Notice.tsx'
import { Answer, SkeletonRows } from '../../components/Panel.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { AbsoluteTime, ClockTime, DurationText } from '../../components/TimeText.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useZone } from '../../components/use-zone.ts'
import { groupByDay } from '../../model/group-by-day.ts'
import { count, formatCount, shortId } from '../../model/names.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { CORRELATION, type RootRow } from './queries.ts'
import './correlations.css'

const route = getRouteApi('/correlations/$key')
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const PAGE = 50
/** The server gives a reader no more rows than this at once. */
const MAX_ROOTS = 1_000

/** The chains of one correlation id by day: a list, never a drawing of all of them. */
export function CorrelationPage() {
  const { key } = route.useParams()
  usePageTitle(`Correlation ${shortId(key)}`)
  return UUID.test(key) ? <KnownKey key={key} id={key} /> : <Unknown id={key} />
}

function KnownKey({ id }: { id: string }) {
  const [limit, setLimit] = useState(PAGE)
  const [zone] = useZone()
  const query = useLiveQuery(CORRELATION, { key: id, limit }, { every: 3, leads: true })
  const known = (query.data?.all.aggregate?.count ?? 0) > 0
  useEffect(() => {
    if (known) rememberRecent({ href: `/correlations/${id}`, title: `Correlation ${shortId(id)}` })
  }, [known, id])
  return (
    <div className="page-scroll">
      <Answer
        query={query}
        skeleton={<SkeletonRows rows={10} />}
        empty={({ all }) => ((all.aggregate?.count ?? 0) === 0 ? <Unknown id={id} /> : null)}
      >
        {({ roots, all_roots, all, failed }) => {
          const rootCount = all_roots.aggregate?.count ?? 0
          const failures = failed.aggregate?.count ?? 0
          return (
            <div className="correlation">
              <header className="correlation-head">
                <Link to="/correlations" className="icon-button" aria-label="Back to the correlations">
                  <ArrowLeft size={16} />
                </Link>
                <h1>
                  Correlation <span className="mono">{id}</span>
                </h1>
                <CopyButton text={id} what="correlation id" />
              </header>
              <p className="correlation-sum" data-testid="correlation-sum">
                <strong>{count(all.aggregate?.count ?? 0, 'invocation')}</strong> in {count(rootCount, 'chain')},{' '}
                {failures > 0 ? (
                  <Link
                    to="/invocations"
                    search={{
                      q: `correlation:${id}`,
                      status: ['failed', 'timeout', 'lost'],
                      from: windowStart(all.aggregate?.min?.created_at),
                      to: 'now',
                    }}
                    className="status mini-link"
                    data-tone="failed"
                  >
                    <StatusShape tone="failed" />
                    {failures} failed
                  </Link>
                ) : (
                  'none failed'
                )}
                .{' '}
                {all.aggregate?.min?.created_at && (
                  <span className="quiet">
                    Since <AbsoluteTime at={all.aggregate.min.created_at} />
                  </span>
                )}
              </p>
              {rootCount === 0 && (
                <p className="quiet">
                  Its chains began before what is kept, or in another environment.{' '}
                  <Link to="/invocations" search={{ q: `correlation:${id}` }} className="link-button">
                    All its invocations
                  </Link>
                </p>
              )}
              {groupByDay(roots, zone).map(day => (
                <section key={day.label} className="panel day">
                  <header className="panel-top">
                    <h2>{day.label}</h2>
                    <span className="panel-aside">
                      {count(day.rows.length, 'chain')}, {day.rows.length === 1 ? 'by its' : 'each by its'} first
                      invocation
                    </span>
                  </header>
                  <ul data-testid="roots">
                    {day.rows.map(row => (
                      <Root key={row.id} row={row} />
                    ))}
                  </ul>
                </section>
              ))}
              {roots.length < rootCount && (
                <p className="correlation-more">
                  {limit < MAX_ROOTS ? (
                    <button type="button" className="button" onClick={() => setLimit(Math.min(MAX_ROOTS, limit * 2))}>
                      Show more
                    </button>
                  ) : (
                    <span>Older ones are in the list of invocations.</span>
                  )}{' '}
                  <span className="quiet">
                    {formatCount(roots.length)} of {formatCount(rootCount)} chains shown
                  </span>
                </p>
              )}
            </div>
          )
        }}
      </Answer>
    </div>
  )
}

function Root({ row }: { row: RootRow }) {
  return (
    <li>
      <Link to="/chains/$rootId" params={{ rootId: row.id }}>
        <span className="quiet number">
          <ClockTime at={row.created_at} digits={0} />
        </span>
        <span className="root-status">
          <StatusMark status={toInvocationStatus(row)} />
        </span>
        <ChangedRow row={row} />
        <span className="root-end">
          {row.total_jobs_run > 0 && <span className="quiet">{count(row.total_jobs_run, 'job')}</span>}
          <DurationText
            createdAt={row.created_at}
            endedAt={row.ended_at}
            fallbackMs={row.total_duration_ms}
            running={isRunning(row.status)}
          />
        </span>
      </Link>
    </li>
  )
}

/** Milliseconds shortly before a moment, for the start of a link's window. */
function windowStart(at: string | null | undefined): string {
  return at ? String(new Date(at).getTime() - 300_000) : 'now-30d'
}

function Unknown({ id }: { id: string }) {
  return (
    <Notice
      inPage
      title="Nothing has this correlation id"
      action={
        <Link to="/correlations" search={UUID.test(id) ? { key: id } : {}} className="button">
          Look for it among other ids
        </Link>
      }
    >
      <p>
        <code className="mono">{id}</code>
      </p>
      <p>{UUID.test(id) ? 'It may have been removed with old data.' : 'That is not an id: the link may be cut off.'}</p>
    </Notice>
  )
}
