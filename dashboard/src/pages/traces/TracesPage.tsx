import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { type Column, columnsFor, DataTable } from '../../components/DataTable.tsx'
import { FieldHelp, FindBox } from '../../components/find/FindBox.tsx'
import { reveal } from '../../components/find/known-users.ts'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { ClockTime, RelativeTime } from '../../components/TimeText.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useWidth } from '../../components/waterfall/use-width.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import type { BoolExp } from '../../model/search-query.ts'
import type { Status } from '../../model/status.ts'
import { FAILED_OUTCOMES, parseTraceQuery, TRACE_HELP } from '../../model/trace-query.ts'
import { MAX_TRACES, SERVICES, TRACE_FAILURES, TRACES, type TraceRow } from './queries.ts'
import { parseTracesSearch, type TracesSearch } from './url.ts'
import './traces.css'

const route = getRouteApi('/traces')

export function TracesPage() {
  const address = route.useSearch()
  const search = useMemo(() => parseTracesSearch({ ...address }), [address])
  const navigate = route.useNavigate()
  const range = useRange()
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  usePageTitle('Traces')
  const change = (changes: Partial<TracesSearch>, replace = false) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined)),
      replace,
    })
  const filter = useMemo(() => parseTraceQuery(reveal(search).q ?? ''), [search])
  const inRange = (): BoolExp => {
    const { from, to } = range.variables()
    return { event_type: { _eq: 'trace' }, timestamp: { _gte: from, _lt: to } }
  }
  const traces = useLiveQuery(
    TRACES,
    () => ({
      where: {
        _and: [
          inRange(),
          ...(search.any ? [] : [{ parent_id: { _is_null: true } }]),
          ...(search.service ? [{ service_name: { _eq: search.service } }] : []),
          ...filter.conditions,
        ],
      },
      order_by: [
        search.sort === 'duration' ? { duration_ms: 'desc_nulls_last' } : { timestamp: 'desc' },
        { id: 'asc' },
      ],
      limit: MAX_TRACES,
    }),
    { identity: [search, range.key], every: 2, leads: true },
  )
  const services = useLiveQuery(SERVICES, () => ({ where: inRange() }), {
    identity: ['services', range.key],
    every: 20,
  })
  const traceIds = useMemo(
    () => [...new Set(traces.data?.events.flatMap(row => row.trace_id ?? []))].sort(),
    [traces.data],
  )
  const failures = useLiveQuery(
    TRACE_FAILURES,
    { where: { trace_id: { _in: traceIds }, event_type: { _eq: 'trace' }, outcome: { _in: FAILED_OUTCOMES } } },
    { every: 4, skip: traceIds.length === 0 || search.any === true },
  )
  const failed = useMemo(() => new Set(failures.data?.events.map(row => row.trace_id)), [failures.data])

  const rows = traces.data?.events ?? []
  const total = traces.data?.events_aggregate.aggregate.count ?? 0
  const longest = Math.max(1, ...rows.map(row => row.duration_ms ?? 0))
  const filtered = search.q !== undefined || search.service !== undefined
  const clear = () => change({ q: undefined, service: undefined } as Partial<TracesSearch>)
  const columns = useMemo(() => columnsOf(longest, search.any === true, failed), [longest, search.any, failed])
  return (
    <div className="traces">
      <div className="traces-head">
        <h1 className="sr-only">Traces</h1>
        <FindBox
          label="Search traces"
          placeholder="Search: name, status:failed, >200ms"
          value={search.q ?? ''}
          onSubmit={q => change({ q: q === '' ? undefined : q } as Partial<TracesSearch>)}
          problemsOf={text => parseTraceQuery(text).problems}
          help={
            <>
              <p>
                A word is looked for in names, services and errors, capitals or not. <code>-</code> turns a part around,{' '}
                <code>,</code> means or, <code>*</code> anything, <code>"…"</code> holds spaces.
              </p>
              <FieldHelp fields={TRACE_HELP} />
            </>
          }
        />
        <label className="traces-service">
          <span className="sr-only">Service</span>
          <select
            value={search.service ?? ''}
            onChange={event =>
              change({ service: event.target.value === '' ? undefined : event.target.value } as Partial<TracesSearch>)
            }
          >
            <option value="">Every service</option>
            {serviceNames(services.data?.events, search.service).map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <fieldset className="segments" aria-label="What is listed">
          <button
            type="button"
            aria-pressed={!search.any}
            onClick={() => change({ any: undefined } as Partial<TracesSearch>)}
          >
            Traces
          </button>
          <button type="button" aria-pressed={search.any === true} onClick={() => change({ any: true })}>
            Any span
          </button>
        </fieldset>
        {filtered && (
          <button type="button" className="link-button quiet" onClick={clear}>
            Clear
          </button>
        )}
        <p className="traces-count" role="status" data-testid="list-count">
          {traces.data && (
            <>
              {total > rows.length && `${formatCount(rows.length)} of `}
              <strong>{formatCount(total)}</strong>{' '}
              {search.any ? (total === 1 ? 'span' : 'spans') : total === 1 ? 'trace' : 'traces'}
            </>
          )}
        </p>
      </div>
      <div ref={scroller} className="traces-scroller" data-space-pauses data-scroll-restoration-id="traces">
        <Answer
          query={traces}
          skeleton={<SkeletonRows rows={12} height={28} />}
          empty={() =>
            rows.length > 0 ? null : filtered ? (
              <Empty
                title={`No ${search.any ? 'span' : 'trace'} matches`}
                action={
                  <button type="button" className="button" onClick={clear}>
                    Clear filters
                  </button>
                }
              >
                {search.any
                  ? 'Nothing in this time range meets all conditions.'
                  : 'No first span in this time range meets all conditions. “Any span” looks at the others too.'}
              </Empty>
            ) : (
              <Empty
                title="No traces in this time range"
                action={
                  <Link to="/invocations" className="button">
                    Go to invocations
                  </Link>
                }
              >
                Traces are what OpenTelemetry sends to /v1/traces: give a service the address of this server as
                OTEL_EXPORTER_OTLP_ENDPOINT. What the detector did is recorded without it, and stands under Invocations.
              </Empty>
            )
          }
        >
          {() => (
            <DataTable
              label="Traces"
              rows={rows}
              totalRows={total}
              columns={columnsFor(columns, width)}
              rowKey={row => row.id}
              rowProps={row => ({ 'data-tone': statusOf(row, failed).tone })}
              sort={{ column: search.sort ?? 'start', descending: true }}
              onSort={sort =>
                change({ sort: sort.column === 'duration' ? 'duration' : undefined } as Partial<TracesSearch>)
              }
              scroller={scroller}
              narrow={{ height: 56, render: row => <NarrowRow row={row} failed={failed} /> }}
              isNarrow={isNarrow}
              keys
              testId="traces"
            />
          )}
        </Answer>
      </div>
    </div>
  )
}

function serviceNames(rows: { service_name: string }[] | undefined, chosen: string | undefined): string[] {
  const names = (rows ?? []).map(row => row.service_name).filter(Boolean)
  return chosen !== undefined && !names.includes(chosen) ? [chosen, ...names] : names
}

function columnsOf(longest: number, any: boolean, failed: ReadonlySet<string>): Column<TraceRow>[] {
  return [
    {
      id: 'start',
      header: 'Started',
      width: '150px',
      sortable: true,
      cell: row => <ClockTime at={row.started_at ?? row.timestamp} />,
    },
    { id: 'status', header: 'Status', width: '120px', cell: row => <StatusMark status={statusOf(row, failed)} /> },
    { id: 'name', header: any ? 'Span' : 'First span', cell: row => <TraceLink row={row} /> },
    { id: 'error', header: 'Error', from: 1000, cell: row => <span className="trace-error">{row.error_message}</span> },
    {
      id: 'service',
      header: 'Service',
      width: '150px',
      from: 640,
      cell: row => <span className="mono">{row.service_name}</span>,
    },
    {
      id: 'duration',
      header: 'Duration',
      width: '220px',
      from: 760,
      sortable: true,
      cell: row => (
        <span className="trace-duration">
          <span className="number">{lengthOf(row)}</span>
          <span className="trace-bar" aria-hidden="true">
            <span style={{ width: `${((row.duration_ms ?? 0) / longest) * 100}%` }} />
          </span>
        </span>
      ),
    },
  ]
}

function NarrowRow({ row, failed }: { row: TraceRow; failed: ReadonlySet<string> }) {
  return (
    <div className="trace-narrow">
      <TraceLink row={row} />
      <span>
        <StatusMark status={statusOf(row, failed)} />
        <span className="quiet mono">{row.service_name}</span>
        <span className="number">{lengthOf(row)}</span>
        <span className="quiet">
          <RelativeTime at={row.started_at ?? row.timestamp} />
        </span>
      </span>
    </div>
  )
}

function TraceLink({ row }: { row: TraceRow }) {
  if (row.trace_id === null) return <span className="mono">{row.event_name}</span>
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId: row.trace_id }}
      search={{ sel: `span:${row.id}` }}
      className="trace-link mono"
      data-row-link
      data-trace={row.trace_id}
    >
      {row.event_name}
    </Link>
  )
}

function lengthOf(row: TraceRow): string {
  return row.duration_ms === null ? '' : formatMicros(row.duration_ms * 1000)
}

/** A trace in which something failed is not well, even if its first span is. */
function statusOf(row: TraceRow, failed: ReadonlySet<string>): Status {
  if (FAILED_OUTCOMES.includes(row.outcome ?? '')) return { tone: 'failed', word: 'failed' }
  if (row.trace_id !== null && failed.has(row.trace_id)) return { tone: 'warning', word: 'span failed' }
  return { tone: 'ok', word: 'ok' }
}
