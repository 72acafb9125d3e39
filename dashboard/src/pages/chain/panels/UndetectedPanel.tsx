import { useState } from 'react'
import { StatusMark } from '../../../components/StatusMark.tsx'
import { DurationText } from '../../../components/TimeText.tsx'
import type { UndetectedNode } from '../../../model/chain-tree.ts'
import { toStatus } from '../../../model/status.ts'
import { Section } from './parts.tsx'

/** The event modules that were asked and said no. No reason is recorded, so none is given. */
export function UndetectedPanel({ node }: { node: UndetectedNode }) {
  const [slowestFirst, setSlowestFirst] = useState(false)
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
          </li>
        ))}
      </ul>
    </Section>
  )
}
