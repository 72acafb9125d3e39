import type { LinkProps } from '@tanstack/react-router'
import { formatShare } from '../../model/delta.ts'
import { KINDS, type Kind } from './url.ts'

export type LinkTarget = Pick<LinkProps, 'to' | 'params' | 'search'>

const KIND_LABELS: Record<Kind, string> = {
  function: 'Functions',
  detector: 'Detectors',
  handler: 'Handlers',
  job: 'Jobs',
}

/** A share of all as a bar and in figures. */
export function ShareBar({ part, whole, color }: { part: number; whole: number; color: string }) {
  return (
    <span className="share-bar">
      <span className="share-track" aria-hidden="true">
        <span style={{ width: `${whole === 0 ? 0 : (part / whole) * 100}%`, background: color }} />
      </span>
      <span>{formatShare(part, whole)}</span>
    </span>
  )
}

/** Of what the durations are. */
export function KindSwitch({ kind, onChange }: { kind: Kind; onChange: (kind: Kind) => void }) {
  return (
    <fieldset className="segments" aria-label="Durations of">
      {KINDS.map(one => (
        <button key={one} type="button" aria-pressed={one === kind} onClick={() => onChange(one)}>
          {KIND_LABELS[one]}
        </button>
      ))}
    </fieldset>
  )
}

/** What a duration of this kind includes. */
export const INCLUDES: Record<Kind, string> = {
  function: 'An invocation lasts until its last job has ended.',
  detector: 'How long event modules took to say whether they fire.',
  handler: 'How long the handlers of event modules that fired took, with the jobs they waited for.',
  job: 'From the start of a run to its end.',
}
