import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { shortTable } from '../../model/names.ts'
import { ASKED_INVOCATION, ASKED_JOB, type Asked, EARLIER_INVOCATION, EARLIER_JOB } from './queries.ts'
import type { Kind, Preset } from './url.ts'

const route = getRouteApi('/compare')

/** Looks for what the right side is to be compared with, and puts its id into the address. */
export function FindEarlier({ kind, preset, right }: { kind: Kind; preset: Preset; right: string }) {
  const asked = useLiveQuery(kind === 'job' ? ASKED_JOB : ASKED_INVOCATION, { id: right }, { every: 0 })
  const row = asked.data && (kind === 'job' ? asked.data.job_executions_by_pk : asked.data.invocations_by_pk)
  return (
    <div className="panel">
      <Answer
        query={asked}
        skeleton={<SkeletonRows rows={6} />}
        empty={() =>
          row ? null : (
            <Empty
              title={`No ${kind === 'job' ? 'run' : 'invocation'} has this id`}
              action={
                <Link to="/compare" className="button">
                  Choose two others
                </Link>
              }
            >
              It may have been removed with old data, or belong to another environment.
            </Empty>
          )
        }
      >
        {() => row && <Search kind={kind} preset={preset} right={right} asked={asked.data as Asked} />}
      </Answer>
    </div>
  )
}

function Search({ kind, preset, right, asked }: { kind: Kind; preset: Preset; right: string; asked: Asked }) {
  const navigate = route.useNavigate()
  const query = useLiveQuery(
    kind === 'job' ? EARLIER_JOB : EARLIER_INVOCATION,
    { where: earlier(kind, preset, asked, right) },
    { every: 0, leads: true },
  )
  const found = query.data?.found[0]?.id
  useEffect(() => {
    if (found) void navigate({ search: before => ({ ...before, left: found }), replace: true })
  }, [found, navigate])
  const other = preset === 'previous' ? 'last-good' : 'previous'
  return (
    <Answer
      query={query}
      skeleton={<SkeletonRows rows={6} />}
      empty={() =>
        found ? null : (
          <Empty
            title={`There is no ${preset === 'previous' ? 'earlier one' : 'earlier one that went well'}`}
            action={
              <>
                {preset === 'last-good' && (
                  <Link
                    from="/compare"
                    to="/compare"
                    search={before => ({ ...before, left: other })}
                    className="button"
                  >
                    Compare with the one before it
                  </Link>
                )}
                <Link to="/compare" search={{ ...(kind !== 'invocation' && { kind }), right }} className="button">
                  Choose another by its id
                </Link>
              </>
            }
          >
            {describe(asked)} Older ones may have been removed with old data.
          </Empty>
        )
      }
    >
      {() => null}
    </Answer>
  )
}

function describe({ invocations_by_pk: invocation, job_executions_by_pk: job }: Asked): string {
  if (job) return `Looked for among the runs of ${job.job_name} before this one.`
  if (!invocation) return ''
  const change = `${invocation.source_operation ?? ''} ${shortTable(invocation.source_table)}`.trim()
  return `Looked for among what ${invocation.source_function} was called for with ${change} before this one.`
}

/** The same kind of thing, before it; and for the last good one, without a failure. */
function earlier(kind: Kind, preset: Preset, asked: Asked, right: string): Record<string, unknown> {
  const job = asked.job_executions_by_pk
  if (job) {
    return {
      job_name: { _eq: job.job_name },
      id: { _lt: right },
      created_at: { _lte: job.created_at },
      ...(preset === 'last-good' && { status: { _eq: 'completed' } }),
    }
  }
  const row = asked.invocations_by_pk
  if (!row) return { id: { _in: [] } }
  const same = (value: string | null) => (value === null ? { _is_null: true } : { _eq: value })
  return {
    source_function: { _eq: row.source_function },
    source_table: same(row.source_table),
    source_operation: same(row.source_operation),
    created_at: { _lt: row.created_at },
    // A replay was somebody's try.
    replay_of: { _is_null: true },
    // A chain is compared with one that began in the same way.
    ...(kind === 'chain' && { source_job_id: { _is_null: row.source_job_id === null } }),
    ...(preset === 'last-good' && { status: { _eq: 'completed' }, total_jobs_failed: { _eq: 0 } }),
  }
}
