import { Link } from '@tanstack/react-router'
import { formatMs } from '../model/duration.ts'
import { toStatus } from '../model/status.ts'
import { formatAbsolute, parseMicros } from '../model/time.ts'
import { StatusShape } from './StatusMark.tsx'
import { useZone } from './use-zone.ts'
import './run-strip.css'

/** One run of a job, as last_job_runs() tells it. */
export interface StripRun {
  id: string
  invocation_id: string
  status: string
  created_at: string
  duration_ms: number | null
}

/** The last runs side by side, the newest at the right: a picture that says in words how many ended how. */
export function RunStrip({ runs }: { runs: readonly StripRun[] }) {
  return (
    <span className="run-strip" role="img" aria-label={inWords(runs)} title={inWords(runs)}>
      {runs.map(run => (
        <StatusShape key={run.id} tone={toStatus(run.status).tone} />
      ))}
    </span>
  )
}

/** The same, each run a link to what it did. */
export function LinkedRunStrip({ runs }: { runs: readonly StripRun[] }) {
  const [zone] = useZone()
  return (
    <ol className="run-links" aria-label={inWords(runs)}>
      {runs.map(run => {
        const status = toStatus(run.status)
        const words = [
          status.word,
          formatAbsolute(parseMicros(run.created_at) ?? 0, zone),
          run.duration_ms === null ? '' : formatMs(run.duration_ms),
        ]
        return (
          <li key={run.id}>
            <Link
              to="/chains/$rootId"
              params={{ rootId: run.invocation_id }}
              search={{ sel: `job:${run.id}` }}
              aria-label={words.filter(Boolean).join(', ')}
              title={words.filter(Boolean).join('\n')}
              data-tone={status.tone}
            >
              <StatusShape tone={status.tone} />
            </Link>
          </li>
        )
      })}
    </ol>
  )
}

/** `Last 30 runs: 28 completed, 2 failed`. */
function inWords(runs: readonly StripRun[]): string {
  const counts = new Map<string, number>()
  for (const run of runs) {
    const { word } = toStatus(run.status)
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([word, amount]) => `${amount} ${word}`)
  return `Last ${runs.length === 1 ? 'run' : `${runs.length} runs`}: ${parts.join(', ')}`
}
