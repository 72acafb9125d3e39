import type { ComparedVerdict } from '../../../api/replay.ts'
import { StatusMark } from '../../../components/StatusMark.tsx'
import type { Status } from '../../../model/status.ts'

const CHANGES: Record<ComparedVerdict['change'], Status> = {
  same: { tone: 'quiet', word: 'as recorded' },
  now_detected: { tone: 'warning', word: 'now detected' },
  no_longer_detected: { tone: 'warning', word: 'no longer detected' },
  now_fails: { tone: 'failed', word: 'now fails' },
  no_longer_fails: { tone: 'ok', word: 'no longer fails' },
  new: { tone: 'warning', word: 'was not asked then' },
  gone: { tone: 'warning', word: 'is not there any more' },
}

/** What each module said then and says now, what changed first. */
export function Verdicts({ verdicts }: { verdicts: readonly ComparedVerdict[] }) {
  const changed = verdicts.filter(verdict => verdict.change !== 'same').length
  return (
    <>
      <p className="replay-sum" role="status" data-testid="verdict-count">
        {verdicts.length === 0
          ? 'There is no module to ask.'
          : changed === 0
            ? `No verdict changed: ${verdicts.length} of ${verdicts.length} are as recorded.`
            : `${changed} of ${verdicts.length} verdicts changed.`}
      </p>
      {verdicts.length > 0 && (
        <div className="mini-scroll">
          <table className="mini-table wide-table verdicts" data-testid="verdicts">
            <thead>
              <tr>
                <th scope="col">Module</th>
                <th scope="col">Change</th>
                <th scope="col">Recorded</th>
                <th scope="col">Now</th>
                <th scope="col">Why not, now</th>
              </tr>
            </thead>
            <tbody>
              {verdicts.map(({ name, change, recorded, now }) => (
                <tr key={name} data-change={change}>
                  <th scope="row" className="mono">
                    {name}
                  </th>
                  <td>
                    <StatusMark status={CHANGES[change]} />
                  </td>
                  <td data-label="then">
                    {recorded ? <Said detected={recorded.detected} failed={recorded.failed} /> : <NotAsked />}
                  </td>
                  <td data-label="now">
                    {now ? <Said detected={now.detected} failed={now.error !== null} /> : <NotAsked />}
                  </td>
                  <td className="wrap" data-empty={(!now?.error && !now?.reason) || undefined}>
                    {now?.error ? (
                      <span className="failed-text">{now.error}</span>
                    ) : (
                      (now?.reason ?? <span className="quiet">–</span>)
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function Said({ detected, failed }: { detected: boolean; failed: boolean }) {
  const status: Status = failed
    ? { tone: 'failed', word: 'failed' }
    : detected
      ? { tone: 'ok', word: 'detected' }
      : { tone: 'quiet', word: 'not detected' }
  return <StatusMark status={status} />
}

const NotAsked = () => <span className="quiet">not asked</span>
