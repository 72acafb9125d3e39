import { useMemo, useRef } from 'react'
import { type Column, columnsFor, DataTable, type Sort } from '../../components/DataTable.tsx'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { useZone } from '../../components/use-zone.ts'
import { useLate } from '../../components/waterfall/use-late.ts'
import { useWidth } from '../../components/waterfall/use-width.ts'
import { formatMicros, formatOffset } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatAbsolute, formatClock } from '../../model/time.ts'
import { findSpans, parseSpanQuery } from '../../model/waterfall/find-spans.ts'
import { type SpanSort, sortSpans } from '../../model/waterfall/sort-spans.ts'
import { endOf, kindOf, nameOf, toneOf } from '../../model/waterfall/spans.ts'
import { KIND_LABELS, toneStatus } from '../spans/span-words.ts'
import type { Spans } from '../spans/use-spans.ts'
import type { ChainSearch } from './url.ts'

interface TableViewProps {
  spans: Spans
  /** A column, with a minus for descending. */
  sort: string | undefined
  q: string
  onSearch: (change: Partial<ChainSearch>, replace: boolean) => void
  selectedId: string | null
  onSelect: (id: string) => void
}

/** Everything that took time, as a table that sorts and filters. */
export function TableView({ spans, ...rest }: TableViewProps) {
  return (
    <div className="spans-view">
      <Answer
        query={spans.query}
        skeleton={<SkeletonRows rows={14} height={24} />}
        partial={() => spans.missing}
        empty={() => (spans.shown ? null : <Empty title="No spans were recorded" />)}
      >
        {() => spans.shown && <SpanTable shown={spans.shown} {...rest} />}
      </Answer>
    </div>
  )
}

type ShownProps = Omit<TableViewProps, 'spans'> & { shown: NonNullable<Spans['shown']> }

function SpanTable({ shown, sort: sortText, q, onSearch, selectedId, onSelect }: ShownProps) {
  const { tree, now } = shown
  const { table } = tree
  const [zone] = useZone()
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const [text, setText] = useLate(q, next => onSearch({ q: next === '' ? undefined : next } as ChainSearch, true), 250)
  const sort: Sort = { column: (sortText ?? 'start').replace('-', ''), descending: sortText?.startsWith('-') ?? false }
  const query = useMemo(() => parseSpanQuery(text), [text])
  const rows = useMemo(() => {
    const found = query.terms.length > 0 ? findSpans(tree, query, now) : tree.order
    return Array.from(sortSpans(tree, found, sort.column as SpanSort, sort.descending, now))
  }, [tree, query, now, sort.column, sort.descending])
  const origin = useMemo(
    () => table.starts.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY),
    [table],
  )

  const columns: Column<number>[] = [
    {
      id: 'name',
      header: 'Name',
      sortable: true,
      cell: row => (
        <button
          type="button"
          className="table-name mono"
          data-row-link
          data-span={table.ids[row]}
          aria-current={table.ids[row] === selectedId || undefined}
          onClick={() => onSelect(table.ids[row] as string)}
        >
          {nameOf(table, row)}
        </button>
      ),
    },
    {
      id: 'kind',
      header: 'Kind',
      width: '104px',
      sortable: true,
      from: 560,
      cell: row => KIND_LABELS[kindOf(table, row)],
    },
    {
      id: 'status',
      header: 'Status',
      width: '132px',
      sortable: true,
      cell: row => <StatusMark status={toneStatus(toneOf(table, row), kindOf(table, row))} />,
    },
    {
      id: 'start',
      header: 'Started',
      width: '176px',
      sortable: true,
      from: 700,
      cell: row => {
        const at = table.starts[row] as number
        return (
          <span className="number" title={formatAbsolute(at, zone)}>
            {formatClock(at, zone)} <span className="quiet">{formatOffset(at - origin)}</span>
          </span>
        )
      },
    },
    {
      id: 'duration',
      header: 'Duration',
      width: '104px',
      align: 'end',
      sortable: true,
      cell: row => (
        <span className="number">{formatMicros(endOf(table, row, now) - (table.starts[row] as number))}</span>
      ),
    },
    {
      id: 'below',
      header: 'Below it',
      width: '104px',
      align: 'end',
      sortable: true,
      from: 860,
      cell: row => <span className="number">{formatCount((tree.sizes[row] as number) - 1)}</span>,
    },
    {
      id: 'service',
      header: 'Function or service',
      width: '176px',
      from: 1000,
      cell: row => <span className="mono quiet">{table.words[table.services[row] as number]}</span>,
    },
  ]
  return (
    <>
      <div className="table-tools">
        <input
          type="search"
          className="table-find"
          value={text}
          placeholder="Find: text, status:failed, >200ms, kind:job"
          aria-label="Find in this table"
          onChange={event => setText(event.target.value)}
        />
        <span className="quiet number" role="status">
          {query.problems[0] ??
            (query.terms.length > 0
              ? `${formatCount(rows.length)} of ${count(table.length, 'span')}`
              : count(table.length, 'span'))}
        </span>
      </div>
      <section ref={scroller} className="table-scroller" aria-label="Spans">
        {rows.length === 0 ? (
          <Empty title="Nothing is found">No span of this chain meets all of “{text}”.</Empty>
        ) : (
          <DataTable
            label="Spans of the chain"
            rows={rows}
            columns={columnsFor(columns, width)}
            rowKey={row => table.ids[row] as string}
            rowHeight={30}
            sort={sort}
            onSort={next => onSearch({ sort: `${next.descending ? '-' : ''}${next.column}` }, true)}
            rowProps={row => ({
              'data-tone': toneOf(table, row),
              'data-selected': table.ids[row] === selectedId ? 'true' : undefined,
            })}
            scroller={scroller}
            keys
            testId="span-table"
          />
        )}
      </section>
    </>
  )
}
