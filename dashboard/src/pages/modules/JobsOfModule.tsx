import { useLiveQuery } from '../../api/use-live-query.ts'
import { ModuleJobTable } from '../../components/ModuleJobTable.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatCount } from '../../model/names.ts'
import { searchTerm } from '../../model/search-query.ts'
import { MODULE_JOBS, type ModuleTotals } from './queries.ts'

/** The jobs that it ran, and in which functions. */
export function JobsOfModule({
  name,
  range,
  every,
  totals,
}: {
  name: string
  range: Range
  every: number
  totals: ModuleTotals | undefined
}) {
  const query = useLiveQuery(MODULE_JOBS, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="Jobs it ran"
      className="entity-all"
      query={query}
      partial={({ jobs }) => {
        const known = jobs.reduce((sum, row) => sum + row.runs, 0)
        return totals && known > 0 && known < totals.jobs_run
          ? `${formatCount(known)} of ${formatCount(totals.jobs_run)} runs are kept; the others are in the totals only.`
          : null
      }}
      empty={({ jobs }) =>
        jobs.length > 0 ? null : totals && totals.jobs_run > 0 ? (
          <Empty title="Its runs are not kept any more">{formatCount(totals.jobs_run)} are in the totals.</Empty>
        ) : (
          <Empty title="It ran no job in this time">
            {totals && totals.detected > 0 ? 'It fired, and its handler ran none.' : 'It did not fire.'}
          </Empty>
        )
      }
    >
      {({ jobs }) => (
        <ModuleJobTable
          rows={jobs}
          what="Job"
          testId="module-jobs"
          nameOf={row => row.job_name}
          toName={row => ({ to: '/jobs/$name', params: { name: row.job_name } })}
          toFunction={row => ({
            to: '/invocations',
            search: { function: [row.source_function], q: searchTerm('module', name) },
          })}
          toFailed={row => ({ to: '/jobs/$name', params: { name: row.job_name }, search: { status: 'failed' } })}
        />
      )}
    </Panel>
  )
}
