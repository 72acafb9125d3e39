import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import { type Column, DataTable } from '../../components/DataTable.tsx'
import { FieldHelp, FindBox } from '../../components/find/FindBox.tsx'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { formatMicros } from '../../model/duration.ts'
import { count, formatCount, shortId } from '../../model/names.ts'
import type { SearchProblem } from '../../model/search-query.ts'
import type { Status } from '../../model/status.ts'
import { parseMicros } from '../../model/time.ts'
import { CORRELATION_GROUPS, type CorrelationGroup, FIND_CORRELATIONS } from './queries.ts'
import '../../components/list-page.css'
import './correlations.css'

const route = getRouteApi('/correlations')
const MAX_GROUPS = 1_000

const COLUMNS: Column<CorrelationGroup>[] = [
  { id: 'status', header: 'Status', width: '128px', cell: row => <StatusMark status={toStatus(row)} /> },
  { id: 'time', header: 'Last active', width: '104px', cell: row => <RelativeTime at={row.last_at} /> },
  { id: 'key', header: 'Correlation', width: '180px', cell: row => <GroupLink row={row} /> },
  {
    id: 'first',
    header: 'Began with',
    cell: row => (
      <span className="began">
        <ChangedRow row={row} />
      </span>
    ),
  },
  { id: 'roots', header: 'Chains', width: '84px', align: 'end', cell: row => formatCount(row.roots), from: 700 },
  {
    id: 'invocations',
    header: 'Invocations',
    width: '104px',
    align: 'end',
    cell: row => formatCount(row.invocations),
    from: 560,
  },
  { id: 'lasted', header: 'From first to last', width: '134px', align: 'end', cell: row => lasted(row), from: 860 },
]

const KEYS = ['correlation, invocation, event or job id', 'trace id', 'key of a changed row', 'table:key']

/** What ran under one correlation id, the last active first; or the one that belongs to a key. */
export function CorrelationsPage() {
  const { key } = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const scroller = useRef<HTMLDivElement>(null)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  usePageTitle('Correlations')
  const groups = useLiveQuery(
    CORRELATION_GROUPS,
    () => ({ since: range.variables().from, until: range.variables().to, limit: MAX_GROUPS }),
    { identity: range.key, every: 5, leads: true },
  )
  const total = groups.data?.correlation_groups.length ?? 0
  return (
    <div className="list-page">
      <div className="list-page-head">
        <h1>Correlations</h1>
        <FindBox
          label="Search correlations"
          placeholder="Search: any id or key, orders:1042"
          value={key ?? ''}
          onSubmit={text => void navigate({ search: text ? { key: text } : {} })}
          problemsOf={addressesIn}
          strict
          help={
            <>
              <p>One whole id or key, which is looked for whatever the time range says:</p>
              <FieldHelp fields={KEYS} />
            </>
          }
        />
        {groups.data && !key && (
          <p className="list-page-count quiet">
            {total >= MAX_GROUPS
              ? `The last ${formatCount(MAX_GROUPS)} correlations`
              : `${count(total, 'correlation')} in this time`}
          </p>
        )}
      </div>
      <div ref={scroller} className="list-page-body" data-scroll-restoration-id="correlations">
        {key ? (
          <Found term={key} />
        ) : (
          <Answer
            query={groups}
            skeleton={<SkeletonRows rows={14} height={36} />}
            empty={({ correlation_groups: rows }) =>
              rows.length === 0 ? (
                <Empty title="Nothing ran in this time">
                  Choose a longer time, or search by a key: that looks everywhere.
                </Empty>
              ) : null
            }
          >
            {({ correlation_groups: rows }) => (
              <DataTable
                label="Correlations"
                testId="correlations"
                rows={rows}
                columns={COLUMNS}
                rowKey={row => row.correlation_id}
                scroller={scroller}
                keys
                rowProps={row => ({ 'data-tone': toStatus(row).tone })}
                isNarrow={isNarrow}
                narrow={{ height: 62, render: row => <NarrowGroup row={row} /> }}
              />
            )}
          </Answer>
        )}
      </div>
    </div>
  )
}

/** Addresses of people: the address of the page would hold them. */
function addressesIn(text: string): SearchProblem[] {
  return [...text.matchAll(/\S*@\S*/g)].map(({ index, 0: { length } }) => ({
    from: index,
    to: index + length,
    message: "People's addresses are not put into links: search invocations for user: instead",
  }))
}

/** Straight to the only one there is; else a choice. */
function Found({ term }: { term: string }) {
  const navigate = route.useNavigate()
  const query = useLiveQuery(FIND_CORRELATIONS, { term }, { every: 0 })
  const keys = [...new Set(query.data?.search_invocations.map(row => row.correlation_id))]
  const only = query.data && keys.length === 1 ? keys[0] : undefined
  useEffect(() => {
    if (only) void navigate({ to: '/correlations/$key', params: { key: only }, replace: true })
  }, [only, navigate])
  return (
    <Answer
      query={query}
      empty={() =>
        keys.length === 0 ? (
          <Empty title="Nothing has this key">
            It can be a correlation, invocation, event or job id, a trace id, the key of a changed row, or table:key.
          </Empty>
        ) : null
      }
    >
      {() => (
        <div className="found">
          <p>{formatCount(keys.length)} correlations belong to it, the newest first:</p>
          <ul>
            {keys.map(key => (
              <li key={key}>
                <Link to="/correlations/$key" params={{ key }} className="mono link-button">
                  {key}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Answer>
  )
}

function GroupLink({ row }: { row: CorrelationGroup }) {
  return (
    <Link
      to="/correlations/$key"
      params={{ key: row.correlation_id }}
      className="row-link mono"
      data-row-link
      title={row.correlation_id}
    >
      {shortId(row.correlation_id)}
    </Link>
  )
}

function NarrowGroup({ row }: { row: CorrelationGroup }) {
  return (
    <div className="group-narrow">
      <span>
        <GroupLink row={row} />
        <StatusMark status={toStatus(row)} />
      </span>
      <span className="quiet">
        <ChangedRow row={row} />
        <span className="group-narrow-end">
          {count(row.invocations, 'invocation')}, <RelativeTime at={row.last_at} />
        </span>
      </span>
    </div>
  )
}

function toStatus(row: CorrelationGroup): Status {
  if (row.failed > 0) return { tone: 'failed', word: `${formatCount(row.failed)} failed` }
  if (row.jobs_failed > 0) return { tone: 'warning', word: 'job failed' }
  return { tone: 'ok', word: 'no failure' }
}

function lasted(row: CorrelationGroup): string {
  const first = parseMicros(row.first_at)
  const last = parseMicros(row.last_at)
  return first === null || last === null ? '–' : formatMicros(last - first)
}
