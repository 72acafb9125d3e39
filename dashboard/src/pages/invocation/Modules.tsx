import { Link } from '@tanstack/react-router'
import { Empty } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import { isFailed, isRunning, toStatus } from '../../model/status.ts'
import type { Invocation, InvocationPrivate, ModuleRow } from './queries.ts'

/** Each event module that was asked: what it said, why not, what it looked at, how long it took. */
export function Modules({ invocation, secret }: { invocation: Invocation; secret: InvocationPrivate | null }) {
  if (invocation.event_executions.length === 0) {
    return (
      <Empty title="No event module was asked">
        {isRunning(invocation.status)
          ? 'They appear here as they are asked.'
          : 'The function has none, or ended before it came to them.'}
      </Empty>
    )
  }
  const facts = new Map(secret?.event_executions.map(event => [event.id, event.detection_facts]))
  const rows = [...invocation.event_executions].sort(
    (a, b) => rank(a) - rank(b) || a.event_name.localeCompare(b.event_name),
  )
  return (
    <div className="mini-scroll">
      <table className="mini-table wide-table" data-testid="modules">
        <thead>
          <tr>
            <th scope="col">Module</th>
            <th scope="col">Verdict</th>
            <th scope="col">Why, and what it read</th>
            <th scope="col" className="numeric">
              Jobs
            </th>
            <th scope="col" className="numeric">
              Detector
            </th>
            <th scope="col" className="numeric">
              Handler
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.id}>
              <th scope="row">
                <Link to="/modules/$name" params={{ name: row.event_name }} className="mono mini-link">
                  {row.event_name}
                </Link>
              </th>
              <td>
                <StatusMark
                  status={
                    row.detected && row.status === 'completed' ? { tone: 'ok', word: 'detected' } : toStatus(row.status)
                  }
                />
              </td>
              <td className="wrap">
                <Why row={row} facts={facts.get(row.id)} />
              </td>
              <td className="numeric" data-label="Jobs">
                {row.jobs_count === 0 ? <span className="quiet">–</span> : row.jobs_count}
                {row.jobs_failed > 0 && <span className="failed-text"> {row.jobs_failed} failed</span>}
              </td>
              <td className="numeric" data-label="Detector">
                <DurationText
                  createdAt={row.created_at}
                  endedAt={row.detection_ended_at}
                  fallbackMs={row.detection_duration_ms}
                  running={row.status === 'detecting'}
                />
              </td>
              <td className="numeric" data-label="Handler">
                {row.detected && row.detection_ended_at ? (
                  <DurationText
                    createdAt={row.detection_ended_at}
                    endedAt={row.ended_at}
                    fallbackMs={row.handler_duration_ms}
                    running={row.status === 'handling'}
                  />
                ) : (
                  <span className="quiet">–</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Why({ row, facts }: { row: ModuleRow; facts: unknown }) {
  const error = row.detection_error ?? row.handler_error
  const said = typeof facts === 'object' && facts !== null ? Object.entries(facts) : []
  return (
    <>
      {error && <span className="failed-text">{error}</span>}
      {!row.detected && !error && (row.not_detected_reason ?? <span className="quiet">No reason recorded</span>)}
      {said.map(([name, value]) => (
        <span key={name} className="fact-chip mono">
          <span className="quiet">{name}</span> {typeof value === 'string' ? value : JSON.stringify(value)}
        </span>
      ))}
      {row.columns_read && (
        <span className="read quiet">
          read <span className="mono">{row.columns_read.join(', ') || 'nothing'}</span>
        </span>
      )}
    </>
  )
}

/** What was detected first, then what failed, then the rest. */
function rank(row: ModuleRow): number {
  if (row.detected) return 0
  return isFailed(row.status) ? 1 : 2
}
