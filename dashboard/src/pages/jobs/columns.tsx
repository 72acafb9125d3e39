import { Link } from '@tanstack/react-router'
import type { Column } from '../../components/DataTable.tsx'
import { RunStrip } from '../../components/RunStrip.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { formatShare } from '../../model/delta.ts'
import { formatMs } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate, type RateUnit } from '../../model/rate.ts'
import { toStatus } from '../../model/status.ts'
import type { JobTotals, LastRuns } from './queries.ts'

/** A job of the list: its totals, and its last runs as soon as they are known. */
export interface JobEntry extends JobTotals {
  last: LastRuns | undefined
}

/** The value that a column is sorted by. */
export const SORT_VALUES: Record<string, (row: JobEntry) => number | string | null | undefined> = {
  name: row => row.name,
  runs: row => row.total,
  failed: row => row.failed / Math.max(1, row.total),
  p50: row => row.p50_ms,
  p95: row => row.p95_ms,
  p99: row => row.p99_ms,
  last: row => row.last?.last_run_at,
}

export function jobColumns(spanMs: number, unit: RateUnit): Column<JobEntry>[] {
  return [
    { id: 'name', header: 'Job', sortable: true, cell: row => <JobLink row={row} /> },
    {
      id: 'runs',
      header: 'Runs',
      width: '82px',
      align: 'end',
      sortable: true,
      cell: row => formatCount(row.total),
    },
    {
      id: 'rate',
      header: 'Rate',
      width: '92px',
      align: 'end',
      from: 1120,
      cell: row => formatRate(row.total, spanMs, unit),
    },
    { id: 'failed', header: 'Failed', width: '124px', sortable: true, cell: row => <Failures row={row} /> },
    {
      id: 'p50',
      header: 'p50',
      width: '80px',
      align: 'end',
      sortable: true,
      from: 900,
      cell: row => formatMs(row.p50_ms),
    },
    { id: 'p95', header: 'p95', width: '80px', align: 'end', sortable: true, cell: row => formatMs(row.p95_ms) },
    {
      id: 'p99',
      header: 'p99',
      width: '80px',
      align: 'end',
      sortable: true,
      from: 960,
      cell: row => formatMs(row.p99_ms),
    },
    {
      id: 'last',
      header: 'Last run',
      width: '176px',
      sortable: true,
      from: 760,
      cell: row => <LastRunCell row={row} />,
    },
    {
      id: 'strip',
      header: 'Last runs, newest right',
      width: '270px',
      align: 'end',
      from: 1160,
      cell: row => row.last && row.last.runs.length > 0 && <RunStrip runs={row.last.runs.slice(-20)} />,
    },
  ]
}

function JobLink({ row }: { row: JobEntry }) {
  return (
    <Link to="/jobs/$name" params={{ name: row.name }} className="row-link mono" data-row-link>
      {row.name}
    </Link>
  )
}

function Failures({ row }: { row: JobTotals }) {
  if (row.failed === 0) return <span className="quiet">0</span>
  return (
    <span className="status" data-tone="failed">
      <StatusShape tone="failed" />
      {formatCount(row.failed)} <span className="quiet">{formatShare(row.failed, row.total)}</span>
    </span>
  )
}

/** How the newest run ended and when: what an on-call person looks at first. */
function LastRunCell({ row }: { row: JobEntry }) {
  if (!row.last) return null
  const newest = row.last.runs.at(-1)
  if (!newest) return <span className="quiet">not kept any more</span>
  return (
    <span className="job-last">
      <StatusMark status={toStatus(newest.status)} />
      <span className="quiet">
        <RelativeTime at={newest.created_at} />
      </span>
    </span>
  )
}

/** On a narrow screen. */
export function NarrowJob({ row, spanMs, unit }: { row: JobEntry; spanMs: number; unit: RateUnit }) {
  return (
    <div className="job-narrow">
      <span className="job-narrow-top">
        <JobLink row={row} />
        {row.failed > 0 ? <Failures row={row} /> : <span className="quiet">none failed</span>}
      </span>
      <span className="job-narrow-bottom quiet">
        <span>{formatRate(row.total, spanMs, unit)}</span>
        <span>p95 {formatMs(row.p95_ms)}</span>
        {row.last && row.last.runs.length > 0 && <RunStrip runs={row.last.runs.slice(-10)} />}
      </span>
    </div>
  )
}
