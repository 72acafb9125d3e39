import { Search, X } from 'lucide-react'
import { type RefObject, useEffect, useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { FilterMenu, type FilterOption } from '../../components/FilterMenu.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { toInvocationStatus } from '../../model/status.ts'
import { FILTER_VALUES } from './queries.ts'
import { type InvocationsSearch, isFiltered, type ListFilter } from './url.ts'
import { JOB_FAILED } from './where.ts'

const STATUS_OPTIONS: FilterOption[] = ['running', 'completed', JOB_FAILED, 'failed', 'timeout', 'lost'].map(value => ({
  value,
  label: (
    <StatusMark
      status={toInvocationStatus(
        value === JOB_FAILED ? { status: 'completed', total_jobs_failed: 1 } : { status: value },
      )}
    />
  ),
}))

interface FiltersProps {
  search: InvocationsSearch
  findRef: RefObject<HTMLInputElement | null>
  onChange: (search: InvocationsSearch) => void
}

export function Filters({ search, findRef, onChange }: FiltersProps) {
  const values = useLiveQuery(FILTER_VALUES, {}, { every: 0 })
  const set = (name: ListFilter) => (chosen: string[]) => {
    const { [name]: _, ...rest } = search
    onChange(chosen.length > 0 ? { ...rest, [name]: chosen } : rest)
  }
  const menu = (name: ListFilter, label: string, options: readonly FilterOption[]) => (
    <FilterMenu
      label={label}
      options={options}
      chosen={search[name] ?? []}
      onChange={set(name)}
      onOpen={values.refresh}
    />
  )

  return (
    <search className="filters">
      <FindBox
        inputRef={findRef}
        value={search.q ?? ''}
        onSubmit={q => {
          const { q: _, ...rest } = search
          onChange(q ? { ...rest, q } : rest)
        }}
      />
      {menu('status', 'Status', STATUS_OPTIONS)}
      {menu('function', 'Function', toOptions(values.data?.functions.map(row => row.source_function)))}
      {menu('table', 'Table', toOptions(values.data?.tables.map(row => row.source_table)))}
      {menu('operation', 'Operation', toOptions(values.data?.operations.map(row => row.source_operation)))}
      <button
        type="button"
        className="filter"
        aria-pressed={search.roots === true}
        data-active={search.roots || undefined}
        title="Only invocations that no job caused"
        onClick={() => {
          const { roots, ...rest } = search
          onChange(roots ? rest : { ...rest, roots: true })
        }}
      >
        Roots only
      </button>
      {isFiltered(search) && (
        <button type="button" className="link-button quiet" onClick={() => onChange({})}>
          Clear
        </button>
      )}
    </search>
  )
}

function FindBox({
  inputRef,
  value,
  onSubmit,
}: {
  inputRef: RefObject<HTMLInputElement | null>
  value: string
  onSubmit: (text: string) => void
}) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  return (
    <form
      className="find"
      onSubmit={event => {
        event.preventDefault()
        onSubmit(text.trim())
        inputRef.current?.blur()
      }}
    >
      <Search size={14} aria-hidden="true" />
      <input
        ref={inputRef}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return
          setText(value)
          event.currentTarget.blur()
        }}
        placeholder="Record key or id"
        aria-label="Find by record key, invocation id or correlation id"
        spellCheck={false}
        autoComplete="off"
      />
      {value ? (
        <button type="button" className="icon-button small" aria-label="Clear the search" onClick={() => onSubmit('')}>
          <X size={13} />
        </button>
      ) : (
        <span className="find-hint" aria-hidden="true">
          /
        </span>
      )}
    </form>
  )
}

function toOptions(values: readonly (string | null)[] | undefined): FilterOption[] {
  return (values ?? []).filter(value => value !== null).map(value => ({ value }))
}
