import { Link } from '@tanstack/react-router'
import { useApi } from '../../api/ApiProvider.tsx'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import type { Column } from '../../components/DataTable.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText, RelativeTime } from '../../components/TimeText.tsx'
import { shortId } from '../../model/names.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { Cause, DurationBar, Events, Jobs } from './cells.tsx'
import type { ListRow } from './queries.ts'
import type { RowOptions, ShownRow } from './shown-rows.ts'
import { TreeToggle } from './TreeToggle.tsx'

export interface ColumnChoice {
  id: string
  label: string
  /** Shown when the address names no columns. */
  usual: boolean
}

/** All columns of the list, in their order. */
export const COLUMN_CHOICES: readonly ColumnChoice[] = [
  { id: 'status', label: 'Status', usual: true },
  { id: 'time', label: 'Started', usual: true },
  { id: 'change', label: 'Row change', usual: true },
  { id: 'function', label: 'Function', usual: true },
  { id: 'changed', label: 'Columns changed', usual: false },
  { id: 'events', label: 'Events', usual: true },
  { id: 'jobs', label: 'Jobs', usual: true },
  { id: 'duration', label: 'Duration', usual: true },
  { id: 'cause', label: 'Caused by', usual: true },
  { id: 'correlation', label: 'Correlation', usual: false },
  { id: 'error', label: 'Error', usual: false },
]

export function chosenColumns(cols: readonly string[] | undefined): string[] {
  const known = COLUMN_CHOICES.filter(choice => (cols ? cols.includes(choice.id) : choice.usual)).map(({ id }) => id)
  // Without the link of the row nothing could be opened.
  return known.includes('change') ? known : [...known, 'change']
}

export function toColumns(
  cols: readonly string[] | undefined,
  scaleMicros: number,
  options: RowOptions,
): Column<ShownRow>[] {
  const all: Record<string, Column<ShownRow>> = {
    status: {
      id: 'status',
      header: 'Status',
      width: '110px',
      cell: ({ row }) => <StatusMark status={toInvocationStatus(row)} />,
    },
    time: { id: 'time', header: 'Started', width: '82px', cell: ({ row }) => <StartedLink row={row} /> },
    change: {
      id: 'change',
      header: 'Row change',
      width: '22%',
      cell: shown => <RowChangeLink shown={shown} options={options} />,
    },
    function: {
      id: 'function',
      header: 'Function',
      width: '12.5%',
      from: 1000,
      cell: ({ row }) => (
        <span className="mono" title={row.source_function}>
          {row.source_function}
        </span>
      ),
    },
    changed: {
      id: 'changed',
      header: 'Columns changed',
      width: '13%',
      cell: ({ row }) => (
        <span className="mono quiet" title={row.changed_columns?.join(', ')}>
          {row.changed_columns?.join(', ') ?? '–'}
        </span>
      ),
    },
    events: { id: 'events', header: 'Events', cell: ({ row }) => <Events row={row} /> },
    jobs: { id: 'jobs', header: 'Jobs', width: '116px', cell: ({ row }) => <Jobs row={row} /> },
    duration: {
      id: 'duration',
      header: 'Duration',
      width: '142px',
      sortable: true,
      cell: ({ row }) => (
        <>
          <DurationText
            createdAt={row.created_at}
            endedAt={row.ended_at}
            fallbackMs={row.total_duration_ms}
            running={isRunning(row.status)}
          />
          <DurationBar row={row} scaleMicros={scaleMicros} />
        </>
      ),
    },
    cause: { id: 'cause', header: 'Caused by', width: '12%', from: 860, cell: ({ row }) => <Cause row={row} /> },
    correlation: {
      id: 'correlation',
      header: 'Correlation',
      width: '150px',
      cell: ({ row }) => (
        <Link
          to="/correlations/$key"
          params={{ key: row.correlation_id }}
          className="mono quiet over-row mini-link"
          title={row.correlation_id}
        >
          {shortId(row.correlation_id)}
        </Link>
      ),
    },
    error: {
      id: 'error',
      header: 'Error',
      width: '20%',
      cell: ({ row }) => <span title={row.error_message ?? undefined}>{row.error_message ?? '–'}</span>,
    },
  }
  return chosenColumns(cols)
    .map(id => all[id])
    .filter(column => column !== undefined)
}

/** When it started; leads to this invocation alone. */
export function StartedLink({ row }: { row: ListRow }) {
  return (
    <Link to="/invocations/$id" params={{ id: row.id }} className="over-row mini-link" title="This invocation alone">
      <RelativeTime at={row.created_at} />
    </Link>
  )
}

export function RowChangeLink({ shown, options }: { shown: ShownRow; options: RowOptions }) {
  const { row, depth } = shown
  const { config } = useApi()
  const link = config.features.correlationChains
    ? ({ to: '/chains/$rootId', params: { rootId: row.id } } as const)
    : ({ to: '/invocations/$id', params: { id: row.id } } as const)
  return (
    <span className="change" style={depth > 0 ? { paddingLeft: Math.min(depth, 12) * 14 } : undefined}>
      {options.grouped && depth === 0 && <TreeToggle shown={shown} options={options} />}
      <Link {...link} className="row-link" data-row-link>
        <ChangedRow row={row} />
      </Link>
    </span>
  )
}
