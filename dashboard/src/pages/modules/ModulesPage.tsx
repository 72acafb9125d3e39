import { getRouteApi, Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { NamedList, type NamedListFilter } from '../../components/NamedList.tsx'
import { Empty } from '../../components/Panel.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { count, formatCount } from '../../model/names.ts'
import { MODULE_COLUMNS, NarrowModule, SORT_VALUES } from './columns.tsx'
import { MODULES, type ModuleTotals } from './queries.ts'
import type { ModuleFilter, ModulesSearch } from './url.ts'
import './modules.css'

const route = getRouteApi('/modules')
const NONE: readonly ModuleTotals[] = []

const FILTERS: Record<ModuleFilter, NamedListFilter<ModuleTotals>> = {
  never: { label: 'Never fired', takes: row => row.detected === 0, none: 'Every module fired in this time' },
  always: {
    label: 'Always fired',
    takes: row => row.detected === row.asked,
    none: 'No module fired each time it was asked',
  },
  failing: { label: 'Failing', takes: row => row.failed > 0, none: 'No module failed in this time' },
}

/** Every event module that was asked in the window: how often it fired and failed, and the time it took. */
export function ModulesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const every = useTotalsInterval()
  usePageTitle('Event modules')
  const query = useLiveQuery(MODULES, () => windowVariables(range), { identity: range.key, every, leads: true })
  return (
    <NamedList
      title="Event modules"
      noun="module"
      to="/modules"
      testId="modules"
      query={query}
      rows={query.data?.modules ?? NONE}
      nameOf={nameOf}
      hasFailed={row => row.failed > 0}
      search={search}
      onChange={(changes, replace = false) =>
        void navigate({ search: { ...search, ...changes } as ModulesSearch, replace })
      }
      filters={FILTERS}
      sortValues={SORT_VALUES}
      columns={MODULE_COLUMNS}
      narrow={row => <NarrowModule row={row} />}
      sums={shown => `asked ${count(sum(shown, 'asked'), 'time')}, ${formatCount(sum(shown, 'detected'))} detected`}
      elsewhere="Names are looked at, not what the modules said."
      nothing={({ any }) => <NoModules anyAtAll={any.length > 0} />}
    />
  )
}

const nameOf = (row: ModuleTotals) => row.event_name

function sum(rows: readonly ModuleTotals[], what: 'asked' | 'detected'): number {
  return rows.reduce((all, row) => all + row[what], 0)
}

function NoModules({ anyAtAll }: { anyAtAll: boolean }) {
  return anyAtAll ? (
    <Empty
      title="No event module was asked in this time"
      action={
        <Link to="/modules" search={{ from: 'now-7d' }} className="button">
          Look at the last 7 days
        </Link>
      }
    >
      They were asked at other times. A module that is listed nowhere was not asked by any function.
    </Empty>
  ) : (
    <Empty title="No event module has been asked yet">
      They appear here with the first row change that reaches a function whose detector has the plugin.
    </Empty>
  )
}
