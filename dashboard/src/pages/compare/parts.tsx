import type { ReactNode } from 'react'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import type { Timed } from '../../model/compare/duration-change.ts'
import { durationChange } from '../../model/compare/duration-change.ts'
import type { Status } from '../../model/status.ts'

/** How something ended and how long it took, in one cell. */
export function Outcome({ status, timed, text }: { status: Status; timed: Timed; text?: string | null | undefined }) {
  return (
    <span className="compare-outcome">
      <StatusMark status={status} />
      <DurationText
        createdAt={timed.created_at}
        endedAt={timed.ended_at}
        fallbackMs={timed.duration_ms}
        running={status.tone === 'running'}
      />
      {text && <span className="compare-text">{text}</span>}
    </span>
  )
}

/** In words, what differs between two outcomes: being there, status, text, and a duration that is no noise. */
export function outcomeDifferences(
  left: { status: Status; timed: Timed; text?: string | null | undefined } | null,
  right: { status: Status; timed: Timed; text?: string | null | undefined } | null,
): { differences: string[]; note: string } {
  if (!left || !right) return { differences: [left ? 'only left' : 'only right'], note: '' }
  const { text, large } = durationChange(left.timed, right.timed)
  const differences = [
    ...(left.status.word !== right.status.word ? [`${left.status.word} → ${right.status.word}`] : []),
    ...((left.text ?? '') !== (right.text ?? '') && left.status.word === right.status.word
      ? ['says something else']
      : []),
    ...(large ? [`duration ${text}`] : []),
  ]
  return { differences, note: text && text !== 'no change' ? `same, duration ${text}` : 'same' }
}

/** A fact of both sides: differs when the texts do. */
export function factRow(name: string, left: ReactNode, right: ReactNode, differs: boolean) {
  return { key: name, name, left, right, differences: differs ? ['changed'] : [] }
}
