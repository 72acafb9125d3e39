import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../../api/use-live-query.ts'
import {
  ErrorSection,
  Fact,
  Facts,
  IdFact,
  ReadFailure,
  Section,
  StartedFact,
} from '../../../components/detail/parts.tsx'
import { DurationText } from '../../../components/TimeText.tsx'
import type { EventNode } from '../../../model/chain-tree.ts'
import { count } from '../../../model/names.ts'
import { isFailed, isRunning } from '../../../model/status.ts'
import type { Micros } from '../../../model/time.ts'
import { EVENT_DETAIL } from '../queries.ts'

export function EventPanel({ node, startedAt }: { node: EventNode; startedAt: Micros }) {
  const { row } = node
  const { data, failure } = useLiveQuery(EVENT_DETAIL, { id: row.id }, { every: isRunning(row.status) ? 1 : 5 })
  const detail = data?.event_executions_by_pk
  const failedJobs = row.job_executions.filter(job => isFailed(job.status)).length
  return (
    <>
      <ErrorSection title="Error in the detector" message={row.detection_error} stack={detail?.detection_error_stack} />
      <ErrorSection title="Error in the handler" message={row.handler_error} stack={detail?.handler_error_stack} />
      <ReadFailure what="More about this event" failure={failure} />
      <Section title="Event">
        <Facts>
          <Fact name="Verdict">{row.detected ? 'Detected: it happened' : 'Not detected'}</Fact>
          <Fact name="Detection">
            <DurationText
              createdAt={row.created_at}
              endedAt={row.detection_ended_at}
              fallbackMs={row.detection_duration_ms}
              running={row.status === 'detecting'}
            />
          </Fact>
          {row.detection_ended_at && row.detected && (
            <Fact name="Handler">
              <DurationText
                createdAt={row.detection_ended_at}
                endedAt={row.ended_at}
                fallbackMs={row.handler_duration_ms}
                running={row.status === 'handling'}
              />
            </Fact>
          )}
          <Fact name="Jobs">
            {row.job_executions.length === 0 ? 'none' : count(row.job_executions.length, 'job')}
            {failedJobs > 0 && `, ${failedJobs} failed`}
          </Fact>
          <StartedFact at={row.created_at} chainStartedAt={startedAt} />
          {detail?.event_module_path && (
            <Fact name="Module">
              <span className="mono fact-id">{detail.event_module_path}</span>
            </Fact>
          )}
          <Fact name="Of this module">
            <Link to="/modules/$name" params={{ name: row.event_name }} className="link-button">
              All verdicts
            </Link>
          </Fact>
          <IdFact name="Event id" id={row.id} />
        </Facts>
      </Section>
    </>
  )
}
