import { useMemo } from 'react'
import { toDuration } from '../../model/duration.ts'
import { InvocationRow } from './InvocationRow.tsx'
import type { ListRow } from './queries.ts'

export function InvocationTable({ rows }: { rows: readonly ListRow[] }) {
  const scaleMicros = useMemo(() => usualLongest(rows), [rows])
  return (
    <table className="list" data-testid="invocations">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Started</th>
          <th scope="col">Row change</th>
          <th scope="col">Function</th>
          <th scope="col">Events</th>
          <th scope="col">Jobs</th>
          <th scope="col">Duration</th>
          <th scope="col">Caused by</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <InvocationRow key={row.id} row={row} scaleMicros={scaleMicros} />
        ))}
      </tbody>
    </table>
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
