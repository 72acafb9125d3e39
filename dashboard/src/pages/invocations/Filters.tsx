import { useLiveQuery } from '../../api/use-live-query.ts'
import { FilterMenu, type FilterOption } from '../../components/FilterMenu.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import type { Range } from '../../components/use-range.ts'
import { formatCount } from '../../model/names.ts'
import { JOB_FAILED } from '../../model/search-query.ts'
import { toInvocationStatus } from '../../model/status.ts'
import { FACETS, type FacetCount } from './queries.ts'
import { SearchBox } from './SearchBox.tsx'
import { type InvocationsSearch, isFiltered, type ListFilter } from './url.ts'

const STATUSES = ['running', 'completed', JOB_FAILED, 'failed', 'timeout', 'lost']

interface FiltersProps {
  search: InvocationsSearch
  range: Range
  onChange: (search: InvocationsSearch) => void
}

/** What the list is narrowed by; each choice says how many invocations of the time it has. */
export function Filters({ search, range, onChange }: FiltersProps) {
  const filters = facetFilters(search)
  const facets = useLiveQuery(FACETS, () => ({ since: range.variables().from, until: range.variables().to, filters }), {
    every: 30,
    identity: [range.key, filters],
  })
  const counts = facets.data?.invocation_facets ?? []
  const menu = (name: ListFilter, label: string, options: readonly FilterOption[]) => (
    <FilterMenu
      label={label}
      options={options}
      chosen={search[name] ?? []}
      onChange={chosen => {
        const { [name]: _, ...rest } = search
        onChange(chosen.length > 0 ? { ...rest, [name]: chosen } : rest)
      }}
      onOpen={facets.refresh}
      note={search.q || search.roots ? 'Counts without the search text and "By root"' : undefined}
    />
  )
  return (
    <search className="filters">
      <SearchBox
        value={search.q ?? ''}
        onSubmit={q => {
          const { q: _, ...rest } = search
          onChange(q ? { ...rest, q } : rest)
        }}
      />
      {menu('status', 'Status', statusOptions(counts))}
      {menu('function', 'Function', toOptions(counts, 'source_function'))}
      {menu('table', 'Table', toOptions(counts, 'source_table'))}
      {menu('operation', 'Operation', toOptions(counts, 'source_operation'))}
      <button
        type="button"
        className="filter"
        aria-pressed={search.roots === true}
        data-active={search.roots || undefined}
        title="Only invocations that no job caused, with what they led to below them"
        onClick={() => {
          const { roots, ...rest } = search
          onChange(roots ? rest : { ...rest, roots: true })
        }}
      >
        By root
      </button>
      {isFiltered(search) && (
        <button
          type="button"
          className="link-button quiet"
          onClick={() => onChange({ ...(search.cols && { cols: search.cols }) })}
        >
          Clear
        </button>
      )}
    </search>
  )
}

/** The filter as invocation_facets() takes it. A completed invocation with failed jobs is completed there. */
function facetFilters(search: InvocationsSearch): Record<string, string[]> {
  const filters: Record<string, string[]> = {}
  if (search.status) {
    filters.status = [...new Set(search.status.map(status => (status === JOB_FAILED ? 'completed' : status)))]
  }
  if (search.function) filters.source_function = search.function
  if (search.table) filters.source_table = search.table
  if (search.operation) filters.source_operation = search.operation
  return filters
}

function statusOptions(counts: readonly FacetCount[]): FilterOption[] {
  return STATUSES.map(value => ({
    value,
    label: (
      <StatusMark
        status={toInvocationStatus(
          value === JOB_FAILED ? { status: 'completed', total_jobs_failed: 1 } : { status: value },
        )}
      />
    ),
    // The totals know completed as one.
    count: value === JOB_FAILED ? undefined : formatCount(countOf(counts, 'status', value)),
    hint: value === 'completed' ? 'with and without failed jobs' : undefined,
  }))
}

function toOptions(counts: readonly FacetCount[], facet: FacetCount['facet']): FilterOption[] {
  return counts
    .filter(one => one.facet === facet)
    .flatMap(one => (one.value === null ? [] : [{ value: one.value, count: formatCount(one.invocations) }]))
}

function countOf(counts: readonly FacetCount[], facet: FacetCount['facet'], value: string): number {
  return counts.find(one => one.facet === facet && one.value === value)?.invocations ?? 0
}
