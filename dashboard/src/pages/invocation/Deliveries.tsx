import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Empty } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { AbsoluteTime, DurationText } from '../../components/TimeText.tsx'
import { formatOffset } from '../../model/duration.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { parseMicros } from '../../model/time.ts'
import { DELIVERIES, type Invocation, type InvocationPrivate } from './queries.ts'

/** Every time that Hasura delivered this event and the detector was called: more than once means a retry. */
export function Deliveries({ invocation, secret }: { invocation: Invocation; secret: InvocationPrivate | null }) {
  const eventId = invocation.source_event_id
  const query = useLiveQuery(DELIVERIES, { eventId: eventId ?? '' }, { every: 5, skip: eventId === null })
  if (eventId === null) {
    return (
      <Empty title="It did not come from a Hasura event">
        Its payload has no event id, so there is nothing to deliver again.
      </Empty>
    )
  }
  const retry = retryOf(secret?.source_event_payload)
  const changed = parseMicros(invocation.source_event_time)
  return (
    <>
      <p className="deliveries-note quiet">
        {retry && (
          <>
            Hasura called this delivery number {retry.current + 1}, after which it tries up to {retry.max} times more.{' '}
          </>
        )}
        Deliveries that never reached the function are not here; Hasura's own event log has them.
      </p>
      <Answer query={query}>
        {({ invocations }) => (
          <div className="mini-scroll">
            <table className="mini-table wide-table" data-testid="deliveries">
              <thead>
                <tr>
                  <th scope="col">Delivery</th>
                  <th scope="col">Status</th>
                  <th scope="col">Started</th>
                  <th scope="col">After the change</th>
                  <th scope="col">Duration</th>
                  <th scope="col">Error</th>
                </tr>
              </thead>
              <tbody>
                {invocations.map((row, index) => {
                  const started = parseMicros(row.created_at)
                  return (
                    <tr key={row.id} aria-current={row.id === invocation.id || undefined}>
                      <th scope="row">
                        {row.id === invocation.id ? (
                          <>{index + 1}, this one</>
                        ) : (
                          <Link
                            to="/invocations/$id"
                            params={{ id: row.id }}
                            search={{ tab: 'delivery' }}
                            className="link-button"
                          >
                            {index + 1}
                          </Link>
                        )}
                      </th>
                      <td>
                        <StatusMark status={toInvocationStatus(row)} />
                      </td>
                      <td>
                        <AbsoluteTime at={row.created_at} />
                      </td>
                      <td>{changed !== null && started !== null ? formatOffset(started - changed) : '–'}</td>
                      <td>
                        <DurationText
                          createdAt={row.created_at}
                          endedAt={row.ended_at}
                          fallbackMs={row.total_duration_ms}
                          running={isRunning(row.status)}
                        />
                      </td>
                      <td className="wrap">{row.error_message ?? <span className="quiet">–</span>}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
      </Answer>
    </>
  )
}

function retryOf(payload: unknown): { current: number; max: number } | null {
  const info = (payload as { delivery_info?: { current_retry?: unknown; max_retries?: unknown } } | null)?.delivery_info
  return typeof info?.current_retry === 'number' && typeof info.max_retries === 'number'
    ? { current: info.current_retry, max: info.max_retries }
    : null
}
