import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../../api/use-live-query.ts'
import {
  ErrorSection,
  Fact,
  Facts,
  IdFact,
  JsonSection,
  ReadFailure,
  Section,
  StartedFact,
} from '../../../components/detail/parts.tsx'
import { DurationText } from '../../../components/TimeText.tsx'
import type { JobNode } from '../../../model/chain-tree.ts'
import { isRunning } from '../../../model/status.ts'
import type { Micros } from '../../../model/time.ts'
import { JOB_DETAIL } from '../queries.ts'
import { Console } from './Console.tsx'

export function JobPanel({ node, startedAt }: { node: JobNode; startedAt: Micros }) {
  const { row } = node
  const running = isRunning(row.status)
  const { data, failure } = useLiveQuery(JOB_DETAIL, { id: row.id }, { every: running ? 1 : 5 })
  const detail = data?.job_executions_by_pk
  return (
    <>
      <ErrorSection title="Error" message={row.error_message} stack={detail?.error_stack} />
      <ReadFailure what="Options and result" failure={failure} />
      <Console jobId={row.id} startedAt={row.created_at} running={running} />
      {detail && (
        <>
          <JsonSection
            title="Result"
            value={detail.result}
            none={
              running
                ? 'Not finished yet.'
                : row.status === 'completed'
                  ? 'It returned nothing.'
                  : 'It ended without a result.'
            }
          />
          <JsonSection title="Options" value={detail.job_options} none="It was given no options." />
        </>
      )}
      <Section title="Job">
        <Facts>
          <Fact name="Duration">
            <DurationText
              createdAt={row.created_at}
              endedAt={row.ended_at}
              fallbackMs={row.duration_ms}
              running={running}
            />
          </Fact>
          <StartedFact at={row.created_at} chainStartedAt={startedAt} />
          {detail?.job_function_name && (
            <Fact name="Function">
              <span className="mono">{detail.job_function_name}</span>
            </Fact>
          )}
          <Fact name="Of this job">
            <Link to="/jobs/$name" params={{ name: row.job_name }} className="link-button">
              All runs
            </Link>
          </Fact>
          <IdFact name="Job id" id={row.id} />
        </Facts>
      </Section>
    </>
  )
}
