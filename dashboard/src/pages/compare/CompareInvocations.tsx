import { useApi } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { alignBy } from '../../model/compare/align.ts'
import type { Timed } from '../../model/compare/duration-change.ts'
import { shortTable } from '../../model/names.ts'
import { isRunning, type Status, toInvocationStatus, toStatus } from '../../model/status.ts'
import { JobName } from './JobName.tsx'
import { JobValues } from './JobValues.tsx'
import { JsonPairs } from './JsonPairs.tsx'
import { differCount, type PairRow, PairTable } from './PairTable.tsx'
import { factRow, Outcome, outcomeDifferences } from './parts.tsx'
import { INVOCATION_SECRETS, INVOCATIONS, type InvocationSide, type JobSide, type ModuleSide } from './queries.ts'
import { SideMissing, SidesHead } from './SidesHead.tsx'

/** Two invocations: what they were, what each module said, which jobs ran, and what was in their payloads. */
export function CompareInvocations({ left, right, only }: { left: string; right: string; only: boolean }) {
  const { seesPayloads } = useApi()
  const query = useLiveQuery(INVOCATIONS, { left, right }, { leads: true, every: 3 })
  const runs = [query.data?.left, query.data?.right].some(side => side && isRunning(side.status))
  const secrets = useLiveQuery(INVOCATION_SECRETS, { left, right }, { every: runs ? 3 : 0, skip: !seesPayloads })
  const data = query.data
  const both = data?.left && data.right ? { left: data.left, right: data.right } : null
  const secret = {
    left: new Map(secrets.data?.left?.job_executions.map(job => [job.id, job])),
    right: new Map(secrets.data?.right?.job_executions.map(job => [job.id, job])),
  }
  const facts = both ? factRows(both.left, both.right) : []
  const modules = both ? moduleRows(both.left, both.right) : []
  const jobs = both ? jobPairs(both.left, both.right) : []
  const jobRows = jobs.map(({ key, left: a, right: b }) => jobRow(key, a, b))
  return (
    <>
      <SidesHead kind="invocation" left={left} right={right} query={query} />
      {data && !both ? (
        <SideMissing noun="invocation" left={data.left ? null : left} right={data.right ? null : right} />
      ) : (
        <>
          <Panel title="What they were" query={query} aside={<span>{differCount(facts)}</span>}>
            {() => <PairTable testId="compare-facts" header="" noun="fact" rows={facts} onlyDifferences={only} />}
          </Panel>
          <Panel
            title="Event modules"
            query={query}
            aside={<span data-testid="modules-differ">{differCount(modules)}</span>}
            empty={() => (modules.length === 0 ? <Empty title="No module was asked on either side" /> : null)}
          >
            {() => (
              <PairTable testId="compare-modules" header="Module" noun="module" rows={modules} onlyDifferences={only} />
            )}
          </Panel>
          <Panel
            title="Jobs"
            query={query}
            aside={<span data-testid="jobs-differ">{differCount(jobRows)}</span>}
            empty={() => (jobs.length === 0 ? <Empty title="No job ran on either side" /> : null)}
          >
            {() => (
              <>
                <PairTable testId="compare-jobs" header="Job" noun="job" rows={jobRows} onlyDifferences={only} />
                {jobs.map(({ key, left: a, right: b }) => {
                  const valuesLeft = a && secret.left.get(a.id)
                  const valuesRight = b && secret.right.get(b.id)
                  return valuesLeft && valuesRight ? (
                    <JobValues key={key} name={key} left={valuesLeft} right={valuesRight} onlyDifferences={only} />
                  ) : null
                })}
              </>
            )}
          </Panel>
          {seesPayloads ? (
            <>
              <Panel title="Row" query={secrets}>
                {({ left: a, right: b }) => (
                  <JsonPairs
                    testId="compare-row"
                    left={rowOf(a?.source_event_payload)}
                    right={rowOf(b?.source_event_payload)}
                    onlyDifferences={only}
                  />
                )}
              </Panel>
              <Panel title="The rest of the payload" query={secrets}>
                {({ left: a, right: b }) => (
                  <JsonPairs
                    testId="compare-payload"
                    left={withoutRow(a?.source_event_payload)}
                    right={withoutRow(b?.source_event_payload)}
                    onlyDifferences={only}
                  />
                )}
              </Panel>
            </>
          ) : (
            <section className="panel">
              <Empty title="Rows and payloads are not shown to your role">
                An operator sees them, where the dashboard has not switched them off.
              </Empty>
            </section>
          )}
        </>
      )}
    </>
  )
}

function factRows(left: InvocationSide, right: InvocationSide): PairRow[] {
  const text = (name: string, of: (row: InvocationSide) => string | null) =>
    factRow(name, of(left) ?? '–', of(right) ?? '–', of(left) !== of(right))
  const status = outcomeDifferences(outcome(left), outcome(right))
  return [
    {
      key: 'outcome',
      name: 'Outcome',
      left: <Outcome {...outcome(left)} />,
      right: <Outcome {...outcome(right)} />,
      ...status,
    },
    text('Function', row => row.source_function),
    text('Table', row => shortTable(row.source_table)),
    text('Operation', row => row.source_operation),
    text('Columns changed', row => row.changed_columns?.join(', ') ?? null),
    text('Role', row => row.source_user_role),
    text('Correlation from', row => row.correlation_source.replaceAll('_', ' ')),
    text('Caused by a job', row => (row.source_job_id ? 'yes' : 'no')),
    text('Modules asked', row => String(row.event_executions.length)),
    text('Detected', row => String(row.events_detected_count)),
    text('Jobs run', row => String(row.total_jobs_run)),
    text('Jobs failed', row => String(row.total_jobs_failed)),
  ]
}

function outcome(row: InvocationSide): { status: Status; timed: Timed; text: string | null } {
  return {
    status: toInvocationStatus(row),
    timed: { ...row, duration_ms: row.total_duration_ms },
    text: row.error_message,
  }
}

function moduleRows(left: InvocationSide, right: InvocationSide): PairRow[] {
  return alignBy(left.event_executions, right.event_executions, row => row.event_name).map(pair => {
    const [a, b] = [pair.left && verdict(pair.left), pair.right && verdict(pair.right)]
    const { differences, note } = outcomeDifferences(a, b)
    const columnsDiffer =
      pair.left && pair.right && (pair.left.columns_read ?? []).join() !== (pair.right.columns_read ?? []).join()
    return {
      key: pair.key,
      name: <span className="mono">{pair.key}</span>,
      left: a && <Outcome {...a} />,
      right: b && <Outcome {...b} />,
      differences,
      note: columnsDiffer ? `${note}, read other columns` : note,
    }
  })
}

/** A verdict took as long as its detector. */
function verdict(row: ModuleSide): { status: Status; timed: Timed; text: string | null } {
  return {
    status: row.detected && row.status === 'completed' ? { tone: 'ok', word: 'detected' } : toStatus(row.status),
    timed: { created_at: row.created_at, ended_at: row.detection_ended_at, duration_ms: row.detection_duration_ms },
    text: row.detection_error ?? row.handler_error ?? row.not_detected_reason,
  }
}

function jobPairs(left: InvocationSide, right: InvocationSide) {
  const named = (side: InvocationSide) => {
    const events = new Map(side.event_executions.map(event => [event.id, event.event_name]))
    return side.job_executions.map(job => ({
      ...job,
      of: `${events.get(job.event_execution_id) ?? '?'} › ${job.job_name}`,
    }))
  }
  return alignBy(named(left), named(right), job => job.of)
}

function jobRow(key: string, left: JobSide | null, right: JobSide | null): PairRow {
  const of = (job: JobSide | null) =>
    job && { status: toStatus(job.status), timed: job as Timed, text: job.error_message }
  const [a, b] = [of(left), of(right)]
  return {
    key,
    name: <JobName name={key} left={left} right={right} />,
    left: a && <Outcome {...a} />,
    right: b && <Outcome {...b} />,
    ...outcomeDifferences(a, b),
  }
}

function rowOf(payload: unknown): unknown {
  return (payload as { event?: { data?: unknown } } | null)?.event?.data ?? null
}

function withoutRow(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return payload
  const { event, ...rest } = payload as { event?: { data?: unknown } }
  if (typeof event !== 'object' || event === null) return payload
  const { data: _, ...others } = event
  return { ...rest, event: others }
}
