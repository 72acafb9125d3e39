import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare } from '../../model/delta.ts'
import { count, formatCount } from '../../model/names.ts'
import { MODULE_REASONS, type ModuleTotals, type Reason } from './queries.ts'

const MAX_REASONS = 50

/** Why it did not fire, the most frequent reason first, each with the last invocation that it was given in. */
export function Reasons({
  name,
  range,
  every,
  totals,
}: {
  name: string
  range: Range
  every: number
  totals: ModuleTotals | undefined
}) {
  const query = useLiveQuery(MODULE_REASONS, () => ({ ...windowVariables(range), name, limit: MAX_REASONS + 1 }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="Why it did not fire"
      className="entity-wide"
      query={query}
      aside={
        query.data && query.data.reasons.length > 0 && query.data.reasons.length <= MAX_REASONS ? (
          <span>{count(query.data.reasons.length, 'reason')}</span>
        ) : undefined
      }
      partial={({ reasons }) => missing(reasons, totals)}
      empty={({ reasons }) => (reasons.length === 0 ? <NoReasons totals={totals} /> : null)}
    >
      {({ reasons }) => (
        <ul className="entity-groups" data-testid="reasons">
          {reasons.slice(0, MAX_REASONS).map(reason => (
            <ReasonGroup key={`${reason.failed} ${reason.pattern}`} reason={reason} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function missing(reasons: readonly Reason[], totals: ModuleTotals | undefined): string | null {
  const lookedAt = reasons[0]?.looked_at ?? 0
  if (reasons.length > MAX_REASONS) return `The ${MAX_REASONS} most frequent reasons.`
  // Sums outlive rows, and a module may be asked more often than can be looked at.
  if (totals && lookedAt > 0 && lookedAt < totals.asked) {
    return `Of the newest ${formatCount(lookedAt)} of ${formatCount(totals.asked)} verdicts.`
  }
  return null
}

function ReasonGroup({ reason }: { reason: Reason }) {
  return (
    <li data-tone={reason.failed ? 'failed' : 'quiet'}>
      <StatusShape tone={reason.failed ? 'failed' : 'quiet'} />
      <div className="entity-group-text">
        <Link
          to="/invocations/$id"
          params={{ id: reason.last_invocation_id }}
          search={{ tab: 'modules' }}
          className="entity-group-name"
          title={reason.last_reason ?? undefined}
        >
          {reason.failed && 'Detector failed: '}
          {reason.pattern ?? 'No reason given'}
        </Link>
        {reason.pattern === null && (
          <span className="quiet">
            A detector gives one with <code className="mono">notDetected('why')</code>.
          </span>
        )}
        {reason.last_reason && reason.last_reason !== reason.pattern && (
          <span className="quiet entity-group-last">Last: {reason.last_reason}</span>
        )}
        <span className="quiet">
          last <RelativeTime at={reason.last_seen} />
        </span>
      </div>
      <span className="entity-group-end">
        <strong className="number">{formatCount(reason.times)}</strong>
        <span className="quiet number">{formatShare(reason.times, reason.looked_at)}</span>
      </span>
    </li>
  )
}

function NoReasons({ totals }: { totals: ModuleTotals | undefined }) {
  if (totals && totals.detected === totals.asked) {
    return (
      <Empty title="It fired each time it was asked">
        If that is not meant to be, its condition holds for everything.
      </Empty>
    )
  }
  return <Empty title="The verdicts of this time are not kept any more">Only their totals are.</Empty>
}
