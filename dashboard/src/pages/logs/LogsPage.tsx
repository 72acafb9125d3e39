import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { reveal } from '../../components/find/known-users.ts'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { stepOf } from '../../model/compared-windows.ts'
import { count, formatCount } from '../../model/names.ts'
import { chartStep } from '../../model/time-range.ts'
import { LogChart } from './LogChart.tsx'
import { LogFilterBar } from './LogFilterBar.tsx'
import { LogList } from './LogList.tsx'
import { LogPanel } from './LogPanel.tsx'
import { type LevelCount, LOG_LEVEL_COUNTS } from './queries.ts'
import { type LogsSearch, parseLogsSearch } from './url.ts'
import { useLogs, windowOf } from './use-logs.ts'
import { toFilters } from './where.ts'
import './logs.css'

const route = getRouteApi('/logs')

/** Lines of all logs, newest first as they come: what jobs wrote to their console, and what OpenTelemetry sent. */
export function LogsPage() {
  const address = route.useSearch()
  const search = useMemo(() => parseLogsSearch({ ...address }), [address])
  const navigate = route.useNavigate()
  const range = useRange()
  const { live } = useApi()
  const paused = usePaused()
  const scroller = useRef<HTMLDivElement>(null)
  const [scrolled, setScrolled] = useState(false)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const { q, level, service, job } = search
  const filters = useMemo(
    () =>
      toFilters(reveal({ ...(q && { q }), ...(level && { level }), ...(service && { service }), ...(job && { job }) })),
    [q, level, service, job],
  )
  usePageTitle('Logs')
  const logs = useLogs(filters, range, scrolled)
  const step = stepOf(range.span(), chartStep)
  const levels = useLiveQuery(
    LOG_LEVEL_COUNTS,
    () => ({ ...windowOf(range, filters), step: `${step / 1000} seconds` }),
    { identity: [range.key, filters, step], every: 5 },
  )
  const levelCounts = useMemo(() => levels.data && sumLevels(levels.data.levels), [levels.data])
  // Lines are shown as they come, and counted some time later.
  const total = levelCounts && Math.max(sumOf(levelCounts, level), logs.lines?.length ?? 0)

  const change = (changes: Partial<LogsSearch>) =>
    void navigate({
      search: Object.fromEntries(
        Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined),
      ) as LogsSearch,
      resetScroll: false,
    })
  const close = () => change({ sel: undefined, at: undefined, near: undefined })
  const showNew = () => {
    scroller.current?.scrollTo({ top: 0 })
    setScrolled(false)
    if (paused) live.setPaused(false)
    logs.showWaiting()
  }
  useKeys({
    n: () => (logs.waiting > 0 ? showNew() : false),
    Escape: () => (search.sel === undefined ? false : close()),
  })
  return (
    <div className="logs">
      <div className="log-head">
        <h1 className="sr-only">Logs</h1>
        <LogFilterBar
          search={search}
          filters={filters}
          range={range}
          levelCounts={levelCounts}
          onOpenLevels={levels.refresh}
          onChange={change}
        />
        <p className="log-count" role="status" data-testid="list-count">
          {total !== undefined && logs.lines && (
            <>
              {logs.lines.length < total && <>{formatCount(logs.lines.length)} of </>}
              <strong>{formatCount(total)}</strong> {total === 1 ? 'line' : 'lines'}
            </>
          )}
        </p>
        {range.moving && (
          <button type="button" className="button" aria-pressed={paused} onClick={() => live.setPaused(!paused)}>
            {paused ? <Play size={13} aria-hidden="true" /> : <Pause size={13} aria-hidden="true" />}
            {paused ? 'Go on' : 'Pause'}
          </button>
        )}
      </div>
      <LogChart query={levels} range={range} step={step} levels={level} />
      <div className="log-body" data-opened={search.sel !== undefined || undefined}>
        <div className="log-list">
          {(logs.waiting > 0 || paused) && range.moving && (
            <button type="button" className="log-waiting" data-testid="new-lines" onClick={showNew}>
              {paused ? 'Paused' : 'Scrolled'}, {count(logs.waiting, 'new line')}{' '}
              {logs.waiting === 1 ? 'waits' : 'wait'}
            </button>
          )}
          <LogList
            logs={logs}
            total={total}
            search={search}
            range={range}
            scroller={scroller}
            onScrolled={setScrolled}
            onClear={() => change({ q: undefined, level: undefined, service: undefined, job: undefined })}
          />
        </div>
        {search.sel !== undefined && search.at !== undefined && (
          <LogPanel
            key={`${search.at} ${search.sel}`}
            id={search.sel}
            at={search.at}
            near={search.near}
            sheet={isNarrow}
            onNear={near => change({ near })}
            onClose={close}
          />
        )}
      </div>
    </div>
  )
}

function sumLevels(rows: readonly LevelCount[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { value, lines } of rows) sums.set(value, (sums.get(value) ?? 0) + lines)
  return sums
}

function sumOf(counts: ReadonlyMap<string, number>, levels: readonly string[] | undefined): number {
  let sum = 0
  for (const [level, lines] of counts) if (!levels || levels.includes(level)) sum += lines
  return sum
}
