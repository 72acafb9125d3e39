import { useLiveQuery } from '../../api/use-live-query.ts'
import { Section } from '../../components/detail/parts.tsx'
import { Answer, Empty } from '../../components/Panel.tsx'
import { ClockTime } from '../../components/TimeText.tsx'
import { count } from '../../model/names.ts'
import { isRunning } from '../../model/status.ts'
import { INVOCATION_CONSOLE, type Invocation, MAX_LINES } from './queries.ts'

/** What the jobs wrote to their console, job by job. */
export function Console({ invocation }: { invocation: Invocation }) {
  const query = useLiveQuery(
    INVOCATION_CONSOLE,
    { id: invocation.id, limit: MAX_LINES },
    // Lines are written in batches and may come after the job's own end.
    { every: isRunning(invocation.status) ? 1 : 3 },
  )
  return (
    <Answer
      query={query}
      partial={({ job_executions: jobs }) =>
        jobs.some(job => job.logs.length === MAX_LINES) ? `Of each job the first ${MAX_LINES} lines are shown.` : null
      }
      empty={({ job_executions: jobs }) =>
        jobs.every(job => job.logs.length === 0) ? (
          <Empty title="Nothing was written to the console">
            {jobs.length === 0 ? 'No job ran.' : 'The jobs wrote nothing, or captureConsole is off.'}
          </Empty>
        ) : null
      }
    >
      {({ job_executions: jobs }) =>
        jobs
          .filter(job => job.logs.length > 0)
          .map(job => (
            <Section key={job.id} title={job.job_name} aside={count(job.logs.length, 'line')}>
              <ol className="console" data-testid="console">
                {job.logs.map(line => {
                  const level = (line.log_level ?? 'log').toLowerCase()
                  return (
                    <li key={line.id} data-level={level}>
                      <ClockTime at={line.timestamp} />
                      <span className="console-level">{level}</span>
                      <span className="console-message">{line.log_message}</span>
                    </li>
                  )
                })}
              </ol>
            </Section>
          ))
      }
    </Answer>
  )
}
