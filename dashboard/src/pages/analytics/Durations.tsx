import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import { percentDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { DurationMap } from './DurationMap.tsx'
import { Histogram } from './Histogram.tsx'
import { INCLUDES, KindSwitch, type LinkTarget } from './parts.tsx'
import { DURATIONS, DURATIONS_BY_NAME } from './queries.ts'
import type { AnalyticsSearch, Kind } from './url.ts'
import type { Windows } from './use-windows.ts'

interface DurationsProps {
  windows: Windows
  search: AnalyticsSearch
  onChange: (changes: { kind?: Kind | undefined; name?: string | undefined }) => void
}

/** How long something took: spread over both windows, and from hour to hour. */
export function Durations({ windows, search, onChange }: DurationsProps) {
  const kind = search.kind ?? 'function'
  const name = search.name ?? null
  const query = useLiveQuery(DURATIONS, () => ({ ...windows.variables(), kind, name }), {
    identity: [windows.key, kind, name],
    every: windows.every,
    leads: true,
  })
  const names = useLiveQuery(DURATIONS_BY_NAME, () => ({ ...windows.variables(), kind }), {
    identity: [windows.key, kind],
    every: windows.every,
  })
  const now = query.data?.now[0]
  const before = query.data?.before[0]
  const known = (names.data?.now ?? []).map(row => row.name).sort()
  const against = windows.against === 'week' ? 'the same time last week' : undefined
  const stat = (label: string, pick: 'p50_ms' | 'p95_ms' | 'p99_ms' | 'max_ms') => (
    <Stat
      label={label}
      value={now ? (now[pick] < 1 ? '< 1 ms' : formatMicros(now[pick] * 1000)) : '–'}
      delta={now && before ? percentDelta(now[pick], before[pick]) : null}
      better="down"
      against={against}
      testId={`stat-${pick.slice(0, -3)}`}
    />
  )
  return (
    <>
      <div className="analytics-all analytics-choices">
        <KindSwitch
          kind={kind}
          onChange={next => onChange({ kind: next === 'function' ? undefined : next, name: undefined })}
        />
        <label>
          <span className="sr-only">Durations of which</span>
          <select
            className="analytics-select"
            value={name ?? ''}
            onChange={event => onChange({ name: event.target.value === '' ? undefined : event.target.value })}
          >
            <option value="">All together</option>
            {(name !== null && !known.includes(name) ? [name, ...known] : known).map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <span className="quiet">{INCLUDES[kind]}</span>
        {linkTo(kind, name) && (
          <Link {...(linkTo(kind, name) as LinkTarget)} className="button analytics-rows">
            The slowest
          </Link>
        )}
      </div>
      <div className="analytics-all">
        <Answer query={query} skeleton={<SkeletonBlock height={92} />}>
          {() => (
            <div className="stats">
              <Stat
                label="Ended"
                value={formatCount(now?.measured ?? 0)}
                delta={before ? percentDelta(now?.measured ?? 0, before.measured) : null}
                against={against}
                testId="stat-measured"
              />
              {stat('Duration p50', 'p50_ms')}
              {stat('Duration p95', 'p95_ms')}
              {stat('99 % took at most', 'p99_ms')}
              {stat('The longest', 'max_ms')}
            </div>
          )}
        </Answer>
      </div>
      <Panel
        title="How the durations spread"
        className="analytics-all"
        query={query}
        aside={now && <span>{count(now.measured, 'duration')}</span>}
        skeleton={<SkeletonBlock height={200} />}
        empty={({ now: [first] }) =>
          first ? null : (
            <Empty title="Nothing ended in this time">
              What still runs has no duration yet. Choose a longer time, another kind, or all together.
            </Empty>
          )
        }
      >
        {() => now && <Histogram now={now} before={before} against={windows.against} />}
      </Panel>
      <DurationMap windows={windows} kind={kind} name={name} />
    </>
  )
}

/** The rows behind it, the slowest first. */
function linkTo(kind: Kind, name: string | null): LinkTarget | null {
  switch (kind) {
    case 'function':
      return { to: '/invocations', search: { sort: 'duration', ...(name && { function: [name] }) } }
    case 'job':
      return { to: '/invocations', search: { sort: 'duration', q: name === null ? 'jobs:>0' : `job:${name}` } }
    case 'handler':
      return { to: '/invocations', search: { sort: 'duration', q: name === null ? 'detected:>0' : `module:${name}` } }
    case 'detector':
      return null
    default:
      return kind satisfies never
  }
}
