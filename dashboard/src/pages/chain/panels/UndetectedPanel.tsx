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
    ? [...node.rows].sort((a, b) => durationOf(details.get(b.id)) - durationOf(details.get(a.id)))
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
      <ReadFailure what="When they were asked and why they said no" failure={failure} />
      <ul className="undetected" data-testid="undetected">
        {rows.map(row => (
          <li key={row.id}>
            <span className="mono">{row.event_name}</span>
            {row.status !== 'not_detected' && <StatusMark status={toStatus(row.status)} />}
            <Duration detail={details.get(row.id)} running={row.status === 'detecting'} />
            {row.status === 'not_detected' && data && <Why detail={details.get(row.id)} />}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function durationOf(detail: DetectionDetail | undefined): number {
  return detail?.detection_duration_ms ?? 0
}

function Duration({ detail, running }: { detail: DetectionDetail | undefined; running: boolean }) {
  if (!detail) return null
  return (
    <span className="quiet number">
      <DurationText
        createdAt={detail.created_at}
        endedAt={detail.detection_ended_at ?? detail.ended_at}
        fallbackMs={detail.detection_duration_ms}
        running={running}
      />
    </span>
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
