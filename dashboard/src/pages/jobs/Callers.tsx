import { useLiveQuery } from '../../api/use-live-query.ts'
import { ModuleJobTable, type RowTarget } from '../../components/ModuleJobTable.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatCount } from '../../model/names.ts'
import { searchTerm } from '../../model/search-query.ts'
import { JOB_CALLERS } from './queries.ts'

/** The functions look at this many runs at most. */
const MAX_RUNS = 100_000

/** Which event modules run it, and from which functions. */
export function Callers({ name, range, every }: { name: string; range: Range; every: number }) {
  const query = useLiveQuery(JOB_CALLERS, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
  })
  const invocationsOf = (source: string, field: 'job' | 'failed_job'): RowTarget => ({
    to: '/invocations',
    search: { function: [source], q: searchTerm(field, name) },
  })
  return (
    <Panel
      title="Run by"
      className="entity-narrow"
      query={query}
      partial={({ callers }) =>
        callers.reduce((sum, row) => sum + row.runs, 0) >= MAX_RUNS
          ? `Of the newest ${formatCount(MAX_RUNS)} runs.`
          : null
      }
      empty={({ callers }) =>
        callers.length === 0 ? (
          <Empty title="Not known">The runs of this time are not kept any more: only their totals are.</Empty>
        ) : null
      }
    >
      {({ callers }) => (
        <ModuleJobTable
          rows={callers}
          what="Event module"
          testId="callers"
          nameOf={row => row.event_name}
          toName={row => ({ to: '/modules/$name', params: { name: row.event_name } })}
          toFunction={row => invocationsOf(row.source_function, 'job')}
          toFailed={row => invocationsOf(row.source_function, 'failed_job')}
        />
      )}
    </Panel>
  )
}
