import { useMediaQuery } from '@mantine/hooks'
import { Link, type LinkProps } from '@tanstack/react-router'
import { type ReactNode, useMemo, useRef } from 'react'
import type { LiveQuery } from '../api/use-live-query.ts'
import { count, formatCount } from '../model/names.ts'
import { sortRows } from '../model/sort-rows.ts'
import { type Column, columnsFor, DataTable } from './DataTable.tsx'
import { NameBox } from './find/NameBox.tsx'
import { Answer, Empty, SkeletonRows } from './Panel.tsx'
import { useWidth } from './waterfall/use-width.ts'
import './list-page.css'

/** What the address of such a list says besides the time range. */
export interface NamedListSearch {
  /** A part of the name. */
  q?: string | undefined
  /** One of the filters. */
  only?: string | undefined
  /** A column, with a minus for descending. */
  sort?: string | undefined
}

export interface NamedListFilter<TRow> {
  label: string
  takes: (row: TRow) => boolean
  /** When it takes no row. */
  none: string
}

interface NamedListProps<TData, TRow> {
  title: string
  /** What a row is, in the singular. */
  noun: string
  /** Where the list is. */
  to: NonNullable<LinkProps['to']>
  query: LiveQuery<TData>
  /** Everything that did something in the window, in the usual order. */
  rows: readonly TRow[]
  nameOf: (row: TRow) => string
  hasFailed: (row: TRow) => boolean
  search: NamedListSearch
  onChange: (changes: NamedListSearch, replace?: boolean) => void
  filters: Record<string, NamedListFilter<TRow>>
  /** The values that columns are sorted by. */
  sortValues: Record<string, (row: TRow) => number | string | null | undefined>
  columns: readonly Column<TRow>[]
  narrow: (row: TRow) => ReactNode
  /** The sums of the rows listed, beside their number. */
  sums: (rows: readonly TRow[]) => string
  /** When nothing has a name as it is looked for. */
  elsewhere: string
  /** When nothing happened in the window. */
  nothing: (data: TData) => ReactNode
  /** Beside the filters: what is missing. */
  note?: ReactNode
  testId: string
}

/** Everything of one kind that did something in the window, a row for each name: found, filtered and sorted in the address. */
export function NamedList<TData, TRow>(props: NamedListProps<TData, TRow>) {
  const { title, noun, query, rows, nameOf, search, onChange, filters, sortValues, testId } = props
  const { q, only, sort } = search
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const filter = only === undefined ? undefined : filters[only]
  const shown = useMemo(() => {
    const part = q?.toLowerCase()
    const found = rows.filter(
      row => (!part || nameOf(row).toLowerCase().includes(part)) && (!filter || filter.takes(row)),
    )
    const value = sortValues[sort?.replace(/^-/, '') ?? '']
    return value ? sortRows(found, value, sort?.startsWith('-') ?? false) : found
  }, [rows, nameOf, q, filter, sort, sortValues])
  const sortColumn = sort?.replace(/^-/, '')
  return (
    <div className="list-page">
      <div className="list-page-head">
        <h1>{title}</h1>
        <NameBox
          label={`Search ${noun}s`}
          value={q ?? ''}
          onChange={text => onChange({ q: text || undefined }, true)}
        />
        <fieldset className="segments" aria-label={`Which ${noun}s are listed`}>
          <button type="button" aria-pressed={!only} onClick={() => onChange({ only: undefined })}>
            All
          </button>
          {Object.entries(filters).map(([name, { label, takes }]) => (
            <button
              key={name}
              type="button"
              aria-pressed={only === name}
              onClick={() => onChange({ only: name })}
              data-testid={`only-${name}`}
            >
              {label}
              {query.data && <span className="quiet number">&nbsp;{formatCount(rows.filter(takes).length)}</span>}
            </button>
          ))}
        </fieldset>
        {props.note}
        {query.data && (
          <p className="list-page-count quiet" role="status" data-testid="list-count">
            {shown.length < rows.length && `${formatCount(shown.length)} of `}
            {count(rows.length, noun)}
            {shown.length > 0 && `: ${props.sums(shown)}`}
          </p>
        )}
      </div>
      <div ref={scroller} className="list-page-body" data-space-pauses data-scroll-restoration-id={testId}>
        <Answer
          query={query}
          skeleton={<SkeletonRows rows={12} height={40} />}
          empty={data =>
            shown.length > 0 ? null : rows.length > 0 ? (
              <Empty
                title={filter && !q ? filter.none : `No ${noun} matches`}
                action={
                  <Link to={props.to} search={{}} className="button">
                    Show all {formatCount(rows.length)}
                  </Link>
                }
              >
                {q ? props.elsewhere : 'A longer time may show another picture.'}
              </Empty>
            ) : (
              props.nothing(data)
            )
          }
        >
          {() => (
            <DataTable
              label={title}
              testId={testId}
              rows={shown}
              columns={columnsFor(props.columns, width)}
              rowKey={nameOf}
              rowHeight={40}
              scroller={scroller}
              keys
              sort={sortColumn ? { column: sortColumn, descending: sort?.startsWith('-') ?? false } : undefined}
              onSort={({ column, descending }) => onChange({ sort: `${descending ? '-' : ''}${column}` })}
              rowProps={row => ({ 'data-tone': props.hasFailed(row) ? 'failed' : 'ok' })}
              narrow={{ height: 62, render: props.narrow }}
              isNarrow={isNarrow}
            />
          )}
        </Answer>
      </div>
    </div>
  )
}
