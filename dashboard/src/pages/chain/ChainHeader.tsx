import { Link } from '@tanstack/react-router'
import { ArrowLeft, ChartGantt, Rows3, Table2, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { CopyButton } from '../../components/CopyButton.tsx'
import { lastListSearch } from '../../components/last-list-search.ts'
import { OperationTag } from '../../components/OperationTag.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { ClockTime, ElapsedText } from '../../components/TimeText.tsx'
import type { ChainSummary } from '../../model/chain-summary.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount, shortId, shortTable } from '../../model/names.ts'
import type { SpanCounts } from '../../model/waterfall/summarize-spans.ts'
import type { ChainViewName } from './url.ts'
import type { ChainDrawing } from './use-chain.ts'

const VIEWS = [
  { name: 'flow', label: 'Flow', icon: Workflow },
  { name: 'waterfall', label: 'Waterfall', icon: ChartGantt },
  { name: 'table', label: 'Table', icon: Table2 },
  { name: 'rows', label: 'Rows', icon: Rows3 },
] as const

interface ChainHeaderProps {
  /** Null until the rows of the chain are read. */
  drawing: ChainDrawing | null
  /** Of all of the chain, when more is known than is drawn. */
  counts: SpanCounts | null
  view: ChainViewName
  onView: (view: ChainViewName) => void
  onFailure: () => void
}

export function ChainHeader({ drawing, counts, view, onView, onFailure }: ChainHeaderProps) {
  const root = drawing?.summary.root
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
          {root ? (
            <>
              <OperationTag operation={root.source_operation} />
              <span className="mono chain-table">{shortTable(root.source_table)}</span>
              {root.source_record_id && <span className="mono quiet chain-key">{root.source_record_id}</span>}
            </>
          ) : (
            <span className="quiet">Chain</span>
          )}
        </h1>
        {drawing && <StatusMark status={drawing.summary.status} />}
        {root && (
          <Link
            to="/compare"
            search={{ kind: 'chain', left: 'last-good', right: root.id }}
            className="link-button chain-compare"
            title="Compare with the last chain that began like this and went well"
          >
            Compare
          </Link>
        )}
        <fieldset className="segments chain-view" aria-label="View">
          {VIEWS.map(({ name, label, icon: Icon }, index) => (
            <button
              key={name}
              type="button"
              aria-pressed={view === name}
              title={`${label} (${index + 1})`}
              onClick={() => onView(name)}
            >
              <Icon size={13} aria-hidden="true" /> {label}
            </button>
          ))}
        </fieldset>
      </div>
      {drawing ? (
        <ChainFacts summary={{ ...drawing.summary, ...counts }} exact={!drawing.cutOff} onFailure={onFailure} />
      ) : (
        <div className="chain-facts-waiting" />
      )}
      {drawing && <ChainNotes drawing={drawing} counted={counts !== null} view={view} />}
    </header>
  )
}

interface ChainFactsProps {
  summary: ChainSummary
  /** All levels of the chain are known. */
  exact: boolean
  onFailure: () => void
}

function ChainFacts({ summary, exact, onFailure }: ChainFactsProps) {
  const { root, jobs } = summary
  return (
    <dl className="chain-facts">
      <Fact name="Function">
        <span className="mono">{root.source_function}</span>
      </Fact>
      <Fact name="Invocations">
        {formatCount(summary.invocations)}{' '}
        <span className="quiet">
          in {exact ? '' : 'more than '}
          {summary.levels} {summary.levels === 1 ? 'level' : 'levels'}
        </span>
      </Fact>
      <Fact name="Events detected">
        {formatCount(summary.eventsDetected)} <span className="quiet">of {formatCount(summary.eventsAsked)} asked</span>
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
              {formatCount(jobs.failed)} failed
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
              {formatCount(jobs.ok)} ok
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
  )
}

function ChainNotes({ drawing, counted, view }: { drawing: ChainDrawing; counted: boolean; view: ChainViewName }) {
  const { summary, cutOff } = drawing
  const drawn = drawing.tree.nodes.size
  const total = drawing.whole.nodes.size
  return (
    <>
      {cutOff && !counted && (
        <p className="chain-folded" role="status">
          The first {formatCount(summary.invocations)} invocations were read; there may be more. All counts are of
          these.
        </p>
      )}
      {view === 'flow' && drawn < total && (
        <p className="chain-folded" role="status">
          {formatCount(drawn)} of {formatCount(total)} nodes are drawn. What failed, what runs and what is near the root
          comes first; the rest is behind the nodes that say “folded”.
        </p>
      )}
    </>
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
