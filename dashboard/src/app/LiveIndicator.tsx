import { Pause } from 'lucide-react'
import { useApi, useLive } from '../api/ApiProvider.tsx'
import type { LiveState } from '../api/live.ts'
import { StatusShape } from '../components/StatusMark.tsx'
import { useZone } from '../components/use-zone.ts'
import type { Tone } from '../model/status.ts'
import { formatClock, type Zone } from '../model/time.ts'

type State = 'connecting' | 'live' | 'paused' | 'reconnecting' | 'error'

const TONES: Record<State, Tone> = {
  connecting: 'quiet',
  live: 'ok',
  paused: 'quiet',
  reconnecting: 'warning',
  error: 'failed',
}

/** Says only what answers of the server have shown. Pressing it stops the moving picture and lets it go on. */
export function LiveIndicator() {
  const { live } = useApi()
  const state = useLive()
  const [zone] = useZone()
  const name = stateName(state)
  return (
    <button
      type="button"
      className="live"
      data-testid="live"
      data-state={name}
      data-tone={TONES[name]}
      aria-pressed={state.pausedAt !== null}
      title={state.pausedAt !== null ? 'Go on (Space)' : 'Pause (Space)'}
      onClick={() => live.setPaused(state.pausedAt === null)}
    >
      <Mark name={name} />
      {describe(name, state, zone)}
    </button>
  )
}

function Mark({ name }: { name: State }) {
  if (name === 'live') return <span className="live-dot" />
  if (name === 'paused') return <Pause size={13} aria-hidden="true" />
  return <StatusShape tone={TONES[name]} />
}

function stateName({ pausedAt, lastAnswerAt, failure }: LiveState): State {
  if (failure) return failure.kind === 'unreachable' ? 'reconnecting' : 'error'
  if (pausedAt !== null) return 'paused'
  return lastAnswerAt === null ? 'connecting' : 'live'
}

function describe(name: State, { pausedAt, lastAnswerAt }: LiveState, zone: Zone): string {
  const stoodAt = pausedAt ?? lastAnswerAt
  const at = stoodAt === null ? '' : ` ${formatClock(stoodAt, zone, 0)}`
  switch (name) {
    case 'connecting':
      return 'connecting'
    case 'live':
      return 'live'
    case 'paused':
      return `paused${at}`
    case 'reconnecting':
      return at ? `paused${at}, reconnecting` : 'reconnecting'
    case 'error':
      return 'error'
  }
  name satisfies never
}
