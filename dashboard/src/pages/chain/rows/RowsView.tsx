import { Cog, MousePointerClick } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useLiveQuery } from '../../../api/use-live-query.ts'
import { isBranch } from '../../../components/JsonTree.tsx'
import { OperationTag } from '../../../components/OperationTag.tsx'
import { Answer, Empty, SkeletonRows } from '../../../components/Panel.tsx'
import { StatusMark } from '../../../components/StatusMark.tsx'
import { useZone } from '../../../components/use-zone.ts'
import { formatOffset } from '../../../model/duration.ts'
import { count, formatCount, shortTable } from '../../../model/names.ts'
import type { RowDiff } from '../../../model/row-diff.ts'
import { type RowChangeEntry, type RowHistory, toRowHistories } from '../../../model/row-history.ts'
import { toInvocationStatus } from '../../../model/status.ts'
import { formatAbsolute, formatClock, type Micros } from '../../../model/time.ts'
import { MAX_CHAIN_INVOCATIONS, ROW_CHANGES } from '../queries.ts'
import './rows.css'

/** So many changes are read with their values at first. */
const FIRST = 200

interface RowsViewProps {
  rootId: string
  selectedId: string | null
  onSelect: (id: string) => void
  /** How many invocations the chain has, as far as it is known. */
  total: number
}

/** The chain as what it did to the data: for each row of each table what changed, when, and which job wrote it. */
export function RowsView({ rootId, selectedId, onSelect, total }: RowsViewProps) {
  const [limit, setLimit] = useState(FIRST)
  const query = useLiveQuery(ROW_CHANGES, { id: rootId, limit }, { every: limit > FIRST ? 5 : 2 })
  const histories = useMemo(() => query.data && toRowHistories(query.data.invocation_chain), [query.data])
  const read = query.data?.invocation_chain.length ?? 0
  return (
    <div className="rows-view" data-testid="rows-view">
      <Answer
        query={query}
        skeleton={<SkeletonRows rows={10} height={40} />}
        partial={() =>
          read >= limit && (
            <>
              The first {formatCount(read)} of {total >= MAX_CHAIN_INVOCATIONS ? 'more than ' : ''}
              {formatCount(Math.max(total, read))} changes are shown.{' '}
              {limit < MAX_CHAIN_INVOCATIONS && (
                <button type="button" className="link-button" onClick={() => setLimit(MAX_CHAIN_INVOCATIONS)}>
                  Show up to {formatCount(MAX_CHAIN_INVOCATIONS)}
                </button>
              )}
            </>
          )
        }
        empty={() => (histories?.length === 0 ? <Empty title="No row change was recorded" /> : null)}
      >
        {() => {
          const origin = Math.min(...(histories ?? []).flatMap(({ entries }) => entries.map(({ at }) => at)))
          return histories?.map(history => (
            <History key={history.key} history={history} origin={origin} selectedId={selectedId} onSelect={onSelect} />
          ))
        }}
      </Answer>
    </div>
  )
}

interface HistoryProps {
  history: RowHistory
  origin: Micros
  selectedId: string | null
  onSelect: (id: string) => void
}

function History({ history, origin, selectedId, onSelect }: HistoryProps) {
  const { table, recordId, entries, columns } = history
  return (
    <section className="row-history" data-row={history.key} aria-label={`${shortTable(table)} ${recordId ?? ''}`}>
      <h2>
        <span className="mono">{shortTable(table)}</span>
        <span className="mono quiet row-key">{recordId ?? 'no key recorded'}</span>
        <span className="quiet row-total">{count(entries.length, 'change')}</span>
        {columns.length > 0 && <span className="quiet row-columns mono">{columns.join(', ')}</span>}
      </h2>
      <ol>
        {entries.map(entry => (
          <Entry key={entry.row.id} entry={entry} origin={origin} selectedId={selectedId} onSelect={onSelect} />
        ))}
      </ol>
    </section>
  )
}

function Entry({ entry, origin, selectedId, onSelect }: Omit<HistoryProps, 'history'> & { entry: RowChangeEntry }) {
  const [zone] = useZone()
  const { row, at, diff } = entry
  const job = row.source_job_execution
  const id = `invocation:${row.id}`
  return (
    <li className="row-entry" data-change={row.id} data-selected={id === selectedId || undefined}>
      <time title={formatAbsolute(at, zone)}>
        {formatClock(at, zone)} <span className="quiet">{at === origin ? '' : formatOffset(at - origin)}</span>
      </time>
      <span>
        <OperationTag operation={row.source_operation} />
      </span>
      <Changes diff={diff} />
      <span className="row-by">
        {job ? (
          <button
            type="button"
            className="row-goto mono"
            data-goto={`job:${job.id}`}
            title="The job that wrote it"
            onClick={() => onSelect(`job:${job.id}`)}
          >
            <Cog size={12} aria-label="written by job" /> {job.job_name}
          </button>
        ) : (
          <span className="quiet">
            <MousePointerClick size={12} aria-hidden="true" /> from outside
          </span>
        )}
      </span>
      <button
        type="button"
        className="row-goto"
        data-goto={id}
        title={`What it led to: ${row.source_function}`}
        onClick={() => onSelect(id)}
      >
        <StatusMark status={toInvocationStatus(row)} />
      </button>
    </li>
  )
}

/** So many columns are told apart; the panel has all of them. */
const MAX_COLUMNS = 6

function Changes({ diff }: { diff: RowDiff | null }) {
  if (!diff) return <span className="quiet">Old and new row were not recorded.</span>
  if (diff.operation === 'delete') return <span className="quiet">the row was deleted</span>
  const changed = diff.columns.filter(change => change.changed)
  const shown = diff.operation === 'insert' ? changed.filter(({ after }) => after !== null) : changed
  if (shown.length === 0) return <span className="quiet">no column changed its value</span>
  return (
    <span className="row-changes">
      {shown.slice(0, MAX_COLUMNS).map(({ column, before, after }) => (
        <span key={column} className="row-cell mono">
          <b>{column}</b>
          {diff.operation === 'update' && (
            <>
              <del>{short(before)}</del>
              <span className="quiet" aria-hidden="true">
                →
              </span>
            </>
          )}
          <ins>{short(after)}</ins>
        </span>
      ))}
      {shown.length > MAX_COLUMNS && <span className="quiet">and {shown.length - MAX_COLUMNS} more</span>}
    </span>
  )
}

function short(value: unknown): string {
  const text = isBranch(value) ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
