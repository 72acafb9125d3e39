import { useApi, useLive } from '../api/ApiProvider.tsx'
import { StatusShape } from '../components/StatusMark.tsx'
import { useZone } from '../components/use-zone.ts'
import { formatClock } from '../model/time.ts'

/** While answers fail: what is wrong, and how old the data on screen is. The data itself stays. */
export function FailureChip() {
  const { live } = useApi()
  const { failure, lastAnswerAt } = useLive()
  const [zone] = useZone()
  if (!failure) return null
  const tone = failure.kind === 'unreachable' ? 'warning' : 'failed'
  return (
    <div className="chip-failure" data-tone={tone} data-testid="connection-failure" role="status">
      <StatusShape tone={tone} />
      <span>
        {failure.message}. {lastAnswerAt !== null && <>What you see is from {formatClock(lastAnswerAt, zone, 0)}. </>}
        Trying again.
      </span>
      <button type="button" className="button" onClick={live.retry}>
        Retry now
      </button>
    </div>
  )
}
