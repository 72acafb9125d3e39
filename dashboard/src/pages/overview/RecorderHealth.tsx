import type { ReactNode } from 'react'
import { useLiveJson } from '../../api/use-live-json.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Panel } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { useNow } from '../../components/use-now.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatBytes } from '../../model/rate.ts'
import type { Status } from '../../model/status.ts'
import { parseMicros } from '../../model/time.ts'
import { QUARANTINED, RECORDERS } from './queries.ts'
import { parseRecorder, type Recorder } from './recorder.ts'

/** In microseconds. */
const SILENT_AFTER = 2 * 60 * 1_000_000

/** Whether what happens is being written down: the plugin in this server, all processes that record, rows refused. */
export function RecorderHealth() {
  const recorder = useLiveJson('/api/recorder', parseRecorder, { every: 5 })
  const all = useLiveQuery(RECORDERS, {}, { every: 5 })
  const quarantined = useLiveQuery(QUARANTINED, {}, { every: 5 })
  return (
    <Panel
      title="Recorder"
      className="overview-narrow"
      query={recorder}
      aside={recorder.data && <StatusMark status={toStatus(recorder.data)} />}
    >
      {status => (
        <dl className="health" data-testid="recorder">
          <Fact name="Waiting to be written">
            {count(status.bufferedRows, 'row')}
            {status.bufferedBytes > 0 && <span className="quiet"> {formatBytes(status.bufferedBytes)}</span>}
          </Fact>
          <Fact name="Last write">
            {status.lastFlushAt ? <RelativeTime at={status.lastFlushAt} /> : <span className="quiet">none yet</span>}
          </Fact>
          <Fact name="Written since start">{count(status.written, 'row')}</Fact>
          <Fact name="Given up">
            {status.dropped > 0 ? (
              <StatusMark status={{ tone: 'failed', word: count(status.dropped, 'row') }} />
            ) : (
              'none'
            )}
          </Fact>
          {status.journalBytes !== null && <Fact name="Journal on disk">{formatBytes(status.journalBytes)}</Fact>}
          {status.lastError && (
            <Fact name="Last error">
              <span className="health-error">{status.lastError}</span>
            </Fact>
          )}
          <Answer query={all} skeleton={null}>
            {({ instances, newest }) => (
              <>
                <Fact name="Processes that record">
                  <Processes instances={instances} />
                </Fact>
                <Fact name="Newest invocation">
                  {newest[0] ? <RelativeTime at={newest[0].created_at} /> : <span className="quiet">none yet</span>}
                </Fact>
              </>
            )}
          </Answer>
          {quarantined.failure?.kind !== 'hidden' && (
            <Answer query={quarantined} skeleton={null}>
              {({ quarantined_rows_aggregate: { aggregate } }) => (
                <Fact name="Refused by Postgres">
                  {aggregate && aggregate.count > 0 ? (
                    <StatusMark status={{ tone: 'warning', word: count(aggregate.count, 'row') }} />
                  ) : (
                    'none'
                  )}
                </Fact>
              )}
            </Answer>
          )}
        </dl>
      )}
    </Panel>
  )
}

/** A process that was killed leaves its row: only those count that wrote within the time that `doctor` gives them. */
function Processes({ instances }: { instances: readonly { heartbeat_at: string }[] }) {
  const now = useNow(5_000)
  const living = instances.filter(({ heartbeat_at }) => now - (parseMicros(heartbeat_at) ?? 0) < SILENT_AFTER)
  return (
    <>
      {living.length > 0 ? formatCount(living.length) : 'none now'}
      {instances[0] && (
        <span className="quiet">
          {' '}
          last sign of life <RelativeTime at={instances[0].heartbeat_at} />
        </span>
      )}
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function toStatus(status: Recorder): Status {
  if (!status.enabled) return { tone: 'quiet', word: 'off' }
  if (status.dropped > 0) return { tone: 'failed', word: 'losing rows' }
  if (status.state === 'resting') return { tone: 'warning', word: 'retrying' }
  // With the shop switched off, this server may never have anything to record: others do.
  if (status.written === 0 && status.bufferedRows === 0) return { tone: 'quiet', word: 'nothing recorded yet' }
  return { tone: 'ok', word: 'recording' }
}
