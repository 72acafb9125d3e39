import { useState } from 'react'
import { useLiveQuery } from '../../../api/use-live-query.ts'
import { ReadFailure, Section } from '../../../components/detail/parts.tsx'
import { StatusMark } from '../../../components/StatusMark.tsx'
import { DurationText } from '../../../components/TimeText.tsx'
import type { UndetectedNode } from '../../../model/chain-tree.ts'
import { isRunning, toStatus } from '../../../model/status.ts'
import { DETECTIONS, type DetectionDetail } from '../queries.ts'

/** The event modules that were asked and said no, with the reasons they gave. */
export function UndetectedPanel({ node }: { node: UndetectedNode }) {
  const [slowestFirst, setSlowestFirst] = useState(false)
  const running = node.rows.some(row => isRunning(row.status))
  const { data, failure } = useLiveQuery(DETECTIONS, { invocationId: node.invocation.id }, { every: running ? 1 : 5 })
  const details = new Map(data?.event_executions.map(detail => [detail.id, detail]))
  const rows = slowestFirst
    ? [...node.rows].sort((a, b) => (b.detection_duration_ms ?? 0) - (a.detection_duration_ms ?? 0))
    : [...node.rows].sort((a, b) => a.event_name.localeCompare(b.event_name))
  return (
    <Section
      title="Asked, and not detected"
      aside={
        <button type="button" className="link-button quiet" onClick={() => setSlowestFirst(!slowestFirst)}>
          {slowestFirst ? 'By name' : 'Slowest first'}
        </button>
      }
    >
      <ReadFailure what="Why they said no" failure={failure} />
      <ul className="undetected" data-testid="undetected">
        {rows.map(row => (
          <li key={row.id}>
            <span className="mono">{row.event_name}</span>
            {row.status !== 'not_detected' && <StatusMark status={toStatus(row.status)} />}
            <span className="quiet number">
              <DurationText
                createdAt={row.created_at}
                endedAt={row.detection_ended_at ?? row.ended_at}
                fallbackMs={row.detection_duration_ms}
                running={row.status === 'detecting'}
              />
            </span>
            {row.status === 'not_detected' && data && <Why detail={details.get(row.id)} />}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Why({ detail }: { detail: DetectionDetail | undefined }) {
  const read = detail?.columns_read
  return (
    <p className="why">
      {detail?.not_detected_reason ?? <span className="quiet">No reason recorded</span>}
      {read && (
        <span className="quiet">
          {' · read '}
          <span className="mono">{read.length > 0 ? read.join(', ') : 'nothing'}</span>
        </span>
      )}
    </p>
  )
}
