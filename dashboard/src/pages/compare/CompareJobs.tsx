import { Link } from '@tanstack/react-router'
import { useApi } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { formatCount, shortTable } from '../../model/names.ts'
import { isRunning, toStatus } from '../../model/status.ts'
import { JsonPairs } from './JsonPairs.tsx'
import { differCount, type PairRow, PairTable } from './PairTable.tsx'
import { factRow, Outcome, outcomeDifferences } from './parts.tsx'
import { JOB_RUN_SECRETS, JOB_RUNS, type JobRunSide } from './queries.ts'
import { SideMissing, SidesHead } from './SidesHead.tsx'

/** Two runs of a job: how they ended, what they ran for, what they were given and returned. */
export function CompareJobs({ left, right, only }: { left: string; right: string; only: boolean }) {
  const { seesPayloads } = useApi()
  const query = useLiveQuery(JOB_RUNS, { left, right }, { leads: true, every: 3 })
  const runs = [query.data?.left, query.data?.right].some(side => side && isRunning(side.status))
  const secrets = useLiveQuery(JOB_RUN_SECRETS, { left, right }, { every: runs ? 3 : 0, skip: !seesPayloads })
  const data = query.data
  const facts = data?.left && data.right ? factRows(data.left, data.right) : []
  return (
    <>
      <SidesHead kind="job" left={left} right={right} query={query} />
      {data && !(data.left && data.right) ? (
        <SideMissing noun="run" left={data.left ? null : left} right={data.right ? null : right} />
      ) : (
        <>
          <Panel title="The runs" query={query} aside={<span>{differCount(facts)}</span>}>
            {({ left: a, right: b }) => (
              <>
                <PairTable testId="compare-facts" header="" noun="fact" rows={facts} onlyDifferences={only} />
                {a && b && (
                  <p className="compare-same">
                    <Link
                      to="/compare"
                      search={{ left: a.invocation_id, right: b.invocation_id }}
                      className="link-button"
                    >
                      Compare the invocations that they ran in
                    </Link>
                  </p>
                )}
              </>
            )}
          </Panel>
          {seesPayloads ? (
            (['job_options', 'result'] as const).map(part => (
              <Panel key={part} title={part === 'result' ? 'Result' : 'Options'} query={secrets}>
                {({ left: a, right: b }) => (
                  <JsonPairs
                    testId={`compare-${part}`}
                    left={a?.[part] ?? null}
                    right={b?.[part] ?? null}
                    onlyDifferences={only}
                  />
                )}
              </Panel>
            ))
          ) : (
            <section className="panel">
              <Empty title="Options and results are not shown to your role">
                An operator sees them, where the dashboard has not switched them off.
              </Empty>
            </section>
          )}
        </>
      )}
    </>
  )
}

function factRows(left: JobRunSide, right: JobRunSide): PairRow[] {
  const outcome = (row: JobRunSide) => ({ status: toStatus(row.status), timed: row, text: row.error_message })
  const text = (name: string, of: (row: JobRunSide) => string | null) =>
    factRow(name, of(left) ?? '–', of(right) ?? '–', of(left) !== of(right))
  return [
    {
      key: 'outcome',
      name: 'Outcome',
      left: <Outcome {...outcome(left)} />,
      right: <Outcome {...outcome(right)} />,
      ...outcomeDifferences(outcome(left), outcome(right)),
    },
    text('Job', row => row.job_name),
    text('Function', row => row.job_function_name),
    text('Run by the event', row => row.event_execution?.event_name ?? null),
    text('In', row =>
      row.invocation
        ? `${row.invocation.source_operation ?? ''} ${shortTable(row.invocation.source_table)}, ${row.invocation.source_function}`
        : null,
    ),
    text('Invocations it caused', row => formatCount(row.triggered_invocations_aggregate.aggregate?.count ?? 0)),
  ]
}
