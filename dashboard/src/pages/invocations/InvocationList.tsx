import { useElementSize } from '@mantine/hooks'
import { type RefObject, useEffect, useMemo } from 'react'
import { columnsFor, DataTable } from '../../components/DataTable.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import { toDuration } from '../../model/duration.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { Cause, Events, Jobs } from './cells.tsx'
import { RowChangeLink, StartedLink, toColumns } from './columns.tsx'
import type { ListRow } from './queries.ts'
import { type RowOptions, type ShownRow, toShownRows } from './shown-rows.ts'
import type { InvocationsSearch } from './url.ts'

interface InvocationListProps {
  rows: readonly ListRow[]
  total: number | null
  search: InvocationsSearch
  options: RowOptions
  scroller: RefObject<HTMLElement | null>
  onSort: (sort: 'duration' | undefined) => void
}

/** The rows, of which only those in view exist. On a narrow screen each is a small card. */
export function InvocationList({ rows, total, search, options, scroller, onSort }: InvocationListProps) {
  const { ref, width } = useElementSize<HTMLDivElement>()
  const scaleMicros = useMemo(() => usualLongest(rows), [rows])
  const { grouped, below } = options
  const shown = useMemo(() => toShownRows(rows, { grouped, below }), [rows, grouped, below])
  // Before the first measurement the window says how wide it will be.
  const known = width || window.innerWidth
  const isNarrow = known < 700
  useEffect(() => {
    scroller.current?.setAttribute('data-narrow', String(isNarrow))
  }, [isNarrow, scroller])
  return (
    <div ref={ref} className="list">
      <DataTable<ShownRow>
        label="Invocations"
        testId="invocations"
        rows={shown}
        columns={columnsFor(toColumns(search.cols, scaleMicros, options), known)}
        rowKey={({ row, depth }) => `${row.id} ${depth}`}
        totalRows={total}
        scroller={scroller}
        keys
        isNarrow={isNarrow}
        narrow={{ height: 86, render: one => <Card shown={one} options={options} /> }}
        sort={search.sort === 'duration' ? { column: 'duration', descending: true } : undefined}
        onSort={() => onSort(search.sort === 'duration' ? undefined : 'duration')}
        rowProps={({ row }) => ({ 'data-invocation': row.id, 'data-tone': toInvocationStatus(row).tone })}
      />
    </div>
  )
}

function Card({ shown, options }: { shown: ShownRow; options: RowOptions }) {
  const { row } = shown
  return (
    <div className="card-row">
      <div>
        <RowChangeLink shown={shown} options={options} />
        <span className="card-end quiet">
          <StartedLink row={row} />
        </span>
      </div>
      <div>
        <StatusMark status={toInvocationStatus(row)} />
        {row.total_jobs_run > 0 && <Jobs row={row} />}
        <span className="card-end">
          <DurationText
            createdAt={row.created_at}
            endedAt={row.ended_at}
            fallbackMs={row.total_duration_ms}
            running={isRunning(row.status)}
          />
        </span>
      </div>
      <div>
        <Events row={row} />
        <span className="card-end">{row.source_job_id && <Cause row={row} />}</span>
      </div>
    </div>
  )
}

/** What a full bar stands for: nine of ten rows are not longer, so one slow row does not flatten all others. */
function usualLongest(rows: readonly ListRow[]): number {
  const micros = rows
    .map(row => toDuration(row.created_at, row.ended_at, row.total_duration_ms)?.micros)
    .filter(value => value !== undefined)
    .sort((a, b) => a - b)
  return micros[Math.min(micros.length - 1, Math.ceil(micros.length * 0.9))] ?? 0
}
