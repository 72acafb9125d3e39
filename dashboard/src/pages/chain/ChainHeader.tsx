import { Link } from '@tanstack/react-router'
import { ArrowLeft, List, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { CopyButton } from '../../components/CopyButton.tsx'
import { lastListSearch } from '../../components/last-list-search.ts'
import { OperationTag } from '../../components/OperationTag.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { ClockTime, ElapsedText } from '../../components/TimeText.tsx'
import type { ChainSummary } from '../../model/chain-summary.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount, shortId, shortTable } from '../../model/names.ts'

interface ChainHeaderProps {
  summary: ChainSummary
  view: 'flow' | 'list'
  onView: (view: 'flow' | 'list') => void
  onFailure: () => void
  /** How many nodes are drawn, when not all are. */
  drawn: number | null
  total: number
  /** There may be more invocations than were read. */
  cutOff: boolean
}

export function ChainHeader({ summary, view, onView, onFailure, drawn, total, cutOff }: ChainHeaderProps) {
  const { root, jobs } = summary
  return (
    <header className="chain-header" data-testid="chain-header">
      <div className="chain-title">
        <Link
          to="/invocations"
          search={lastListSearch()}
          className="icon-button"
          aria-label="Back to invocations"
          title="Back to invocations"
        >
          <ArrowLeft size={16} />
        </Link>
        <h1>
          <OperationTag operation={root.source_operation} />
          <span className="mono chain-table">{shortTable(root.source_table)}</span>
          {root.source_record_id && <span className="mono quiet chain-key">{root.source_record_id}</span>}
        </h1>
        <StatusMark status={summary.status} />
        <fieldset className="segments chain-view" aria-label="View">
          <button type="button" aria-pressed={view === 'flow'} onClick={() => onView('flow')}>
            <Workflow size={13} aria-hidden="true" /> Flow
          </button>
          <button type="button" aria-pressed={view === 'list'} onClick={() => onView('list')}>
            <List size={13} aria-hidden="true" /> List
          </button>
        </fieldset>
      </div>
      <dl className="chain-facts">
        <Fact name="Function">
          <span className="mono">{root.source_function}</span>
        </Fact>
        <Fact name="Invocations">
          {formatCount(summary.invocations)}{' '}
          <span className="quiet">
            in {summary.levels} {summary.levels === 1 ? 'level' : 'levels'}
          </span>
        </Fact>
        <Fact name="Events detected">
          {formatCount(summary.eventsDetected)}{' '}
          <span className="quiet">of {formatCount(summary.eventsAsked)} asked</span>
        </Fact>
        <Fact name="Jobs">
          <span className="job-tally">
            {jobs.failed > 0 && (
              <button
                type="button"
                className="status tally-button"
                data-tone="failed"
                title="Go to the failure (e)"
                onClick={onFailure}
              >
                <StatusShape tone="failed" />
                {jobs.failed} failed
              </button>
            )}
            {jobs.running > 0 && (
              <span className="status" data-tone="running">
                <StatusShape tone="running" />
                {jobs.running} running
              </span>
            )}
            {jobs.ok > 0 && (
              <span className="status" data-tone="ok">
                <StatusShape tone="ok" />
                {jobs.ok} ok
              </span>
            )}
            {jobs.failed + jobs.running + jobs.ok === 0 && <span className="quiet">none</span>}
          </span>
        </Fact>
        <Fact name="Duration">
          {summary.endedAt === null ? (
            <ElapsedText since={root.created_at} />
          ) : (
            <span className="number">{formatMicros(summary.endedAt - summary.startedAt)}</span>
          )}
        </Fact>
        <Fact name="Started">
          <ClockTime at={root.created_at} />
        </Fact>
        <Fact name="Correlation">
          <span className="mono" title={root.correlation_id}>
            {shortId(root.correlation_id)}
          </span>
          <CopyButton text={root.correlation_id} what="correlation id" />
        </Fact>
      </dl>
      {cutOff && (
        <p className="chain-folded" role="status">
          The first {formatCount(summary.invocations)} invocations were read; there may be more. All counts are of
          these.
        </p>
      )}
      {drawn !== null && (
        <p className="chain-folded" role="status">
          {formatCount(drawn)} of {formatCount(total)} nodes are drawn. What failed, what runs and what is near the root
          comes first; the rest is behind the nodes that say “folded”.
        </p>
      )}
    </header>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
