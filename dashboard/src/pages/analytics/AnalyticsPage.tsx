import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useZone } from '../../components/use-zone.ts'
import { describeRange } from '../../model/describe-range.ts'
import { formatDay, formatMinute } from '../../model/time.ts'
import { Bottlenecks } from './Bottlenecks.tsx'
import { Durations } from './Durations.tsx'
import { Failures } from './Failures.tsx'
import { Trends } from './Trends.tsx'
import { type AnalyticsSearch, parseAnalyticsSearch, TABS, type Tab } from './url.ts'
import { useWindows } from './use-windows.ts'
import './analytics.css'

const route = getRouteApi('/analytics')
const LABELS: Record<Tab, string> = {
  trends: 'Trends',
  failures: 'Failures',
  bottlenecks: 'Bottlenecks',
  durations: 'Durations',
}

/** What changed between two windows: how much, what fails, where the time goes, how long it takes. */
export function AnalyticsPage() {
  const address = route.useSearch()
  const search = useMemo(() => parseAnalyticsSearch({ ...address }), [address])
  const navigate = route.useNavigate()
  const windows = useWindows(search.against ?? 'before')
  const [zone] = useZone()
  const tab = search.tab ?? 'trends'
  usePageTitle(`Analytics: ${LABELS[tab]}`)
  const change = (changes: { [name in keyof AnalyticsSearch]?: AnalyticsSearch[name] | undefined }) =>
    void navigate({
      search: Object.fromEntries(
        Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined),
      ) as AnalyticsSearch,
      resetScroll: false,
    })
  useKeys(
    Object.fromEntries(
      TABS.map((name, at) => [String(at + 1), () => change({ tab: name === 'trends' ? undefined : name })]),
    ),
  )
  const before = windows.before()
  const start = `${formatDay(before.from * 1000, zone)} ${formatMinute(before.from * 1000, zone).slice(-5)}`
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="analytics">
      <div className="analytics">
        <div className="page-head analytics-head">
          <h1>Analytics</h1>
          <p className="quiet">
            {describeRange(windows.range, zone)}, compared with the same length of time from {start}
          </p>
          <fieldset className="segments" aria-label="Compare with">
            <button
              type="button"
              aria-pressed={windows.against === 'before'}
              onClick={() => change({ against: undefined })}
            >
              Right before
            </button>
            <button type="button" aria-pressed={windows.against === 'week'} onClick={() => change({ against: 'week' })}>
              Same last week
            </button>
          </fieldset>
        </div>
        <nav className="analytics-tabs" aria-label="Parts of the analytics">
          {TABS.map(name => (
            <Link
              key={name}
              from="/analytics"
              to="/analytics"
              search={old => ({ ...old, tab: name === 'trends' ? undefined : name }) as AnalyticsSearch}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={name === tab ? 'page' : undefined}
              className="analytics-tab"
              resetScroll={false}
            >
              {LABELS[name]}
            </Link>
          ))}
        </nav>
        {tab === 'trends' && <Trends windows={windows} />}
        {tab === 'failures' && <Failures windows={windows} />}
        {tab === 'bottlenecks' && <Bottlenecks windows={windows} search={search} onChange={change} />}
        {tab === 'durations' && <Durations windows={windows} search={search} onChange={change} />}
      </div>
    </div>
  )
}
