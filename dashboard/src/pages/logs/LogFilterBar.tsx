import { useLiveQuery } from '../../api/use-live-query.ts'
import { FilterMenu } from '../../components/FilterMenu.tsx'
import { FieldHelp, FindBox } from '../../components/find/FindBox.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import type { Range } from '../../components/use-range.ts'
import { LOG_LEVELS, levelStatus, sortLevels } from '../../model/log-level.ts'
import { LOG_FIELDS, type LogFilters, parseLogQuery } from '../../model/log-query.ts'
import { formatCount } from '../../model/names.ts'
import { LOG_SOURCES } from './queries.ts'
import { isFiltered, type LogsSearch } from './url.ts'
import { windowOf } from './use-logs.ts'

interface LogFilterBarProps {
  search: LogsSearch
  filters: LogFilters
  range: Range
  /** Lines of each level, whatever level is chosen; undefined as long as nobody knows. */
  levelCounts: ReadonlyMap<string, number> | undefined
  onOpenLevels: () => void
  onChange: (changes: Partial<LogsSearch>) => void
}

/** What the lines are narrowed by; each choice says how many lines of the time it has. */
export function LogFilterBar(props: LogFilterBarProps) {
  const { search, filters, range, levelCounts, onOpenLevels, onChange } = props
  const sources = useLiveQuery(LOG_SOURCES, () => windowOf(range, filters), {
    every: 30,
    identity: [range.key, filters],
  })
  const optionsOf = (facet: 'service' | 'job') =>
    (sources.data?.log_sources ?? [])
      .filter(row => row.facet === facet)
      .map(row => ({ value: row.value, count: formatCount(row.lines) }))
  const menu = (name: 'service' | 'job', label: string) => (
    <FilterMenu
      label={label}
      options={optionsOf(name)}
      chosen={search[name] ?? []}
      onChange={chosen => onChange({ [name]: chosen.length > 0 ? chosen : undefined })}
      onOpen={sources.refresh}
    />
  )
  return (
    <search className="log-filters">
      <FindBox
        label="Search logs"
        placeholder="Search: declined level:error job:…"
        value={search.q ?? ''}
        onSubmit={q => onChange({ q: q === '' ? undefined : q })}
        problemsOf={text => parseLogQuery(text).problems}
        help={
          <>
            <p>
              Each word is looked for in the message, capitals or not. <code>-</code> turns a part around,{' '}
              <code>,</code> means or, <code>*</code> anything, <code>"…"</code> holds spaces.
            </p>
            <FieldHelp fields={Object.values(LOG_FIELDS)} />
          </>
        }
      />
      <FilterMenu
        label="Level"
        options={sortLevels([...LOG_LEVELS, ...(levelCounts?.keys() ?? [])]).map(value => ({
          value,
          label: <StatusMark status={levelStatus(value)} />,
          count: levelCounts && formatCount(levelCounts.get(value) ?? 0),
        }))}
        chosen={search.level ?? []}
        onChange={chosen => onChange({ level: chosen.length > 0 ? chosen : undefined })}
        onOpen={onOpenLevels}
      />
      {menu('job', 'Job')}
      {menu('service', 'Service')}
      {isFiltered(search) && (
        <button
          type="button"
          className="link-button quiet"
          onClick={() => onChange({ q: undefined, level: undefined, service: undefined, job: undefined })}
        >
          Clear
        </button>
      )}
    </search>
  )
}
