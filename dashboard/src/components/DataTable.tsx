import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type ReactNode, type RefObject, useRef } from 'react'
import { useKeys } from './use-keys.ts'
import './data-table.css'

export interface Column<TRow> {
  id: string
  header: string
  /** A CSS width; columns without one share the rest. */
  width?: string
  align?: 'end'
  cell: (row: TRow) => ReactNode
  /** Sorting by this column is done by the page. */
  sortable?: boolean
  /** Left out when the table is narrower than this, in pixels. */
  from?: number
}

export interface Sort {
  column: string
  descending: boolean
}

interface DataTableProps<TRow> {
  /** For assistive technology. */
  label: string
  rows: readonly TRow[]
  columns: readonly Column<TRow>[]
  rowKey: (row: TRow) => string
  /** All rows there are, when not all are loaded. */
  totalRows?: number | null
  rowHeight?: number
  /** One row on a narrow screen, in place of the cells. Without it the table scrolls sideways. */
  narrow?: { render: (row: TRow) => ReactNode; height: number } | undefined
  isNarrow?: boolean
  sort?: Sort | undefined
  onSort?: (sort: Sort) => void
  /** Attributes of a row, such as its tone. */
  rowProps?: (row: TRow) => Record<string, string | undefined>
  /** What scrolls; needed for rows that exist only while they are seen. */
  scroller: RefObject<HTMLElement | null>
  /** Pixels above the first row that scroll with it. */
  offset?: number
  /** j, k, arrows move among the rows: each row's element with `data-row-link` gets the focus. @default false */
  keys?: boolean
  testId?: string
}

/** A table of any length: only the rows in view exist. */
export function DataTable<TRow>(props: DataTableProps<TRow>) {
  const { label, rows, columns, rowKey, totalRows, rowHeight = 36, narrow, isNarrow = false, scroller } = props
  const { sort, onSort, rowProps, offset = 0, keys = false, testId } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const height = isNarrow && narrow ? narrow.height : rowHeight
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: index => rowKey(rows[index] as TRow),
    overscan: 10,
    scrollMargin: offset,
    // The header sticks to the top and covers what is there.
    scrollPaddingStart: 32,
    initialRect: { width: 1_000, height: 900 },
  })
  const focusRow = (index: number) => {
    virtualizer.scrollToIndex(index, { align: 'auto' })
    // The row exists after the next paint.
    requestAnimationFrame(() =>
      body.current
        ?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row-link]`)
        ?.focus({ preventScroll: true }),
    )
  }
  const move = (step: number) => {
    if (!keys || rows.length === 0) return false
    const at = document.activeElement?.closest('[data-index]')?.getAttribute('data-index')
    const next = at === null || at === undefined ? 0 : Number(at) + step
    focusRow(Math.min(rows.length - 1, Math.max(0, next)))
    return true
  }
  const onTable = (step: number) => () => (body.current?.contains(document.activeElement) ? move(step) : false)
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: onTable(1),
    ArrowUp: onTable(-1),
    Home: onTable(-rows.length),
    End: onTable(rows.length),
  })

  const items = virtualizer.getVirtualItems()
  const before = (items[0]?.start ?? offset) - offset
  const after = virtualizer.getTotalSize() - ((items[items.length - 1]?.end ?? offset) - offset)
  return (
    <table
      className="data-table"
      aria-label={label}
      aria-rowcount={(totalRows ?? rows.length) + 1}
      data-narrow={(isNarrow && narrow !== undefined) || undefined}
      data-testid={testId}
    >
      {!(isNarrow && narrow) && (
        <>
          <colgroup>
            {columns.map(column => (
              <col key={column.id} style={column.width ? { width: column.width } : undefined} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map(column => (
                <Header key={column.id} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
        </>
      )}
      <tbody ref={body}>
        {before > 0 && <Spacer height={before} span={columns.length} />}
        {items.map(item => {
          const row = rows[item.index] as TRow
          return (
            <tr
              key={item.key}
              data-index={item.index}
              aria-rowindex={item.index + 2}
              style={{ height }}
              {...rowProps?.(row)}
            >
              {isNarrow && narrow ? (
                <td colSpan={columns.length}>{narrow.render(row)}</td>
              ) : (
                columns.map(column => (
                  <td key={column.id} className={`cell-${column.id}`} data-align={column.align}>
                    {column.cell(row)}
                  </td>
                ))
              )}
            </tr>
          )
        })}
        {after > 0 && <Spacer height={after} span={columns.length} />}
      </tbody>
    </table>
  )
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr className="spacer">
      <td colSpan={span} style={{ height }} />
    </tr>
  )
}

function Header<TRow>({
  column,
  sort,
  onSort,
}: {
  column: Column<TRow>
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
}) {
  const active = sort?.column === column.id
  if (!column.sortable || !onSort) {
    return (
      <th scope="col" data-align={column.align}>
        {column.header}
      </th>
    )
  }
  return (
    <th
      scope="col"
      data-align={column.align}
      aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="sort-button"
        onClick={() => onSort({ column: column.id, descending: active ? !sort.descending : true })}
      >
        {column.header}
        {active && (sort.descending ? <ArrowDown size={12} /> : <ArrowUp size={12} />)}
      </button>
    </th>
  )
}

/** The columns that a table of this width has room for. */
export function columnsFor<TRow>(columns: readonly Column<TRow>[], width: number): Column<TRow>[] {
  return columns.filter(column => column.from === undefined || width >= column.from)
}
