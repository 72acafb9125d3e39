import { Link } from '@tanstack/react-router'
import type { RefObject } from 'react'
import { columnsFor, DataTable } from '../../components/DataTable.tsx'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { type Range, useSetRange } from '../../components/use-range.ts'
import { useZone } from '../../components/use-zone.ts'
import { useWidth } from '../../components/waterfall/use-width.ts'
import { describeRange } from '../../model/describe-range.ts'
import { levelOf, levelStatus } from '../../model/log-level.ts'
import { count } from '../../model/names.ts'
import { toRangeSearch, widenSpan } from '../../model/time-range.ts'
import { LOG_COLUMNS, NarrowLine } from './log-columns.tsx'
import { isFiltered, type LogsSearch } from './url.ts'
import type { LogList as Logs } from './use-logs.ts'

/** How close to the end, in pixels, older lines are asked for. */
const NEAR_END = 800
const NARROW_PX = 620

interface LogListProps {
  logs: Logs
  /** Undefined as long as nobody has counted. */
  total: number | undefined
  search: LogsSearch
  range: Range
  scroller: RefObject<HTMLDivElement | null>
  onScrolled: (scrolled: boolean) => void
  onClear: () => void
}

/** The lines, of which only those in view exist. */
export function LogList({ logs, total, search, range, scroller, onScrolled, onClear }: LogListProps) {
  const width = useWidth(scroller)
  const { lines } = logs
  return (
    <div
      ref={scroller}
      className="log-scroller"
      data-space-pauses
      data-scroll-restoration-id="logs"
      onScroll={event => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
        onScrolled(scrollTop > 8)
        if (!logs.isWhole && scrollTop + clientHeight > scrollHeight - NEAR_END) void logs.loadOlder()
      }}
    >
      <Answer
        query={{ data: lines, failure: logs.failure, refresh: logs.refresh, operation: 'NewestLogs' }}
        skeleton={<SkeletonRows rows={16} height={28} />}
        empty={known => (known.length > 0 ? null : <NoLines search={search} range={range} onClear={onClear} />)}
      >
        {known => (
          <>
            <DataTable
              label="Lines, newest first"
              rows={known}
              totalRows={Math.max(total ?? 0, known.length)}
              columns={columnsFor(LOG_COLUMNS, width || window.innerWidth)}
              rowKey={line => `${line.created_at} ${line.id}`}
              rowHeight={28}
              rowProps={line => ({
                'data-tone': levelStatus(levelOf(line.log_level)).tone,
                'aria-current': line.id === search.sel ? 'true' : undefined,
              })}
              isNarrow={width > 0 && width < NARROW_PX}
              narrow={{ render: line => <NarrowLine line={line} />, height: 54 }}
              scroller={scroller}
              keys
              testId="logs"
            />
            {!logs.isWhole && (
              <div className="log-older">
                <button
                  type="button"
                  className="button"
                  disabled={logs.loadingOlder}
                  onClick={() => void logs.loadOlder()}
                >
                  {logs.loadingOlder ? 'Loading' : 'Load older'}
                </button>
                <span className="quiet">
                  {total !== undefined && total > known.length && `${count(total - known.length, 'line')} not loaded`}
                  {logs.olderFailure && `. That failed: ${logs.olderFailure.message}`}
                </span>
              </div>
            )}
          </>
        )}
      </Answer>
    </div>
  )
}

function NoLines({ search, range, onClear }: { search: LogsSearch; range: Range; onClear: () => void }) {
  const setRange = useSetRange()
  const [zone] = useZone()
  const filtered = isFiltered(search)
  return (
    <Empty
      title={filtered ? 'No line of this time matches' : 'No line in this time'}
      action={
        <>
          {filtered && (
            <button type="button" className="button" onClick={onClear}>
              Clear filters
            </button>
          )}
          <button
            type="button"
            className="button"
            onClick={() => setRange(toRangeSearch(widenSpan(range.span(), Date.now())))}
          >
            Twice as long
          </button>
          {!filtered && (
            <Link to="/invocations" className="button">
              Go to invocations
            </Link>
          )}
        </>
      }
    >
      Shown is: {describeRange(range, zone)}.{' '}
      {filtered
        ? 'New lines appear here when they match.'
        : 'Lines come from the console of jobs (unless captureConsole is off) and from whoever sends OpenTelemetry logs to /v1/logs.'}
    </Empty>
  )
}
