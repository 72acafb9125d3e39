import { Link } from '@tanstack/react-router'
import type { Column } from '../../components/DataTable.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { formatShare } from '../../model/delta.ts'
import { formatMicros, formatMs } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import type { Status } from '../../model/status.ts'
import type { ModuleTotals } from './queries.ts'

/** The value that a column is sorted by. */
export const SORT_VALUES: Record<string, (row: ModuleTotals) => number | string | null> = {
  name: row => row.event_name,
  asked: row => row.asked,
  detected: row => row.detected,
  share: row => row.detected / Math.max(1, row.asked),
  failed: row => row.failed,
  spent: row => spentMs(row),
  detection: row => row.detection_p95_ms,
  handler: row => row.handler_p95_ms,
}

export const MODULE_COLUMNS: Column<ModuleTotals>[] = [
  { id: 'name', header: 'Event module', sortable: true, cell: row => <ModuleLink row={row} /> },
  { id: 'fires', header: 'Fires', width: '124px', from: 620, cell: row => <StatusMark status={toFiring(row)} /> },
  { id: 'asked', header: 'Asked', width: '84px', align: 'end', sortable: true, cell: row => formatCount(row.asked) },
  {
    id: 'detected',
    header: 'Detected',
    width: '88px',
    align: 'end',
    sortable: true,
    cell: row => formatCount(row.detected),
  },
  { id: 'share', header: 'Of asked', width: '150px', sortable: true, from: 900, cell: row => <Share row={row} /> },
  { id: 'failed', header: 'Failed', width: '112px', sortable: true, cell: row => <Failures row={row} /> },
  {
    id: 'spent',
    header: 'Time spent',
    width: '108px',
    align: 'end',
    sortable: true,
    from: 760,
    cell: row => <Spent row={row} />,
  },
  {
    id: 'detection',
    header: 'Detector p95',
    width: '116px',
    align: 'end',
    sortable: true,
    from: 1080,
    cell: row => formatMs(row.detection_p95_ms),
  },
  {
    id: 'handler',
    header: 'Handler p95',
    width: '116px',
    align: 'end',
    sortable: true,
    from: 980,
    cell: row => formatMs(row.handler_p95_ms),
  },
]

/** Never and always say that a condition may be wrong; failing says so itself. */
export function toFiring(row: ModuleTotals): Status {
  if (row.detected === 0) return { tone: 'quiet', word: 'never fired' }
  if (row.detected === row.asked) return { tone: 'warning', word: 'always fired' }
  return { tone: 'ok', word: 'sometimes' }
}

/** Of its detector and its handler, in milliseconds. */
export function spentMs(row: ModuleTotals): number {
  return (row.detection_sum_ms ?? 0) + (row.handler_sum_ms ?? 0)
}

export function Spent({ row }: { row: ModuleTotals }) {
  const ms = spentMs(row)
  // The parts were recorded in whole milliseconds: nothing means less than one each time.
  return ms < 1 ? <span className="quiet">{'< 1 ms each'}</span> : formatMicros(ms * 1000)
}

function ModuleLink({ row }: { row: ModuleTotals }) {
  return (
    <Link to="/modules/$name" params={{ name: row.event_name }} className="row-link mono" data-row-link>
      {row.event_name}
    </Link>
  )
}

function Share({ row }: { row: ModuleTotals }) {
  return (
    <span className="share">
      <span className="module-share" aria-hidden="true">
        <span style={{ width: `${(row.detected / Math.max(1, row.asked)) * 100}%` }} />
      </span>
      <span className="number">{formatShare(row.detected, row.asked)}</span>
    </span>
  )
}

function Failures({ row }: { row: ModuleTotals }) {
  if (row.failed === 0) return <span className="quiet">0</span>
  return (
    <span className="status" data-tone="failed">
      <StatusShape tone="failed" />
      {formatCount(row.failed)} <span className="quiet">{formatShare(row.failed, row.asked)}</span>
    </span>
  )
}

/** On a narrow screen. */
export function NarrowModule({ row }: { row: ModuleTotals }) {
  return (
    <div className="module-narrow">
      <span className="module-narrow-top">
        <ModuleLink row={row} />
        <StatusMark status={toFiring(row)} />
      </span>
      <span className="module-narrow-bottom quiet">
        <span>
          {formatCount(row.detected)} of {formatCount(row.asked)} asked
        </span>
        {row.failed > 0 && <Failures row={row} />}
        <span className="module-narrow-end">
          <Spent row={row} />
        </span>
      </span>
    </div>
  )
}
