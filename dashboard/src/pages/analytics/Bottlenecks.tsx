import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { percentDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { INCLUDES, KindSwitch, ShareBar } from './parts.tsx'
import { DURATIONS_BY_NAME, type NamedDurations } from './queries.ts'
import type { AnalyticsSearch, Kind } from './url.ts'
import type { Windows } from './use-windows.ts'

const MAX_SHOWN = 40

interface BottlenecksProps {
  windows: Windows
  search: AnalyticsSearch
  onChange: (changes: { kind?: Kind | undefined; sort?: 'p95' | undefined; name?: undefined }) => void
}

/** Where the time goes: who took most of it together, or whose slowest took longest. */
export function Bottlenecks({ windows, search, onChange }: BottlenecksProps) {
  const kind = search.kind ?? 'function'
  const query = useLiveQuery(DURATIONS_BY_NAME, () => ({ ...windows.variables(), kind }), {
    identity: [windows.key, kind],
    every: windows.every,
    leads: true,
  })
  const byP95 = search.sort === 'p95'
  return (
    <Panel
      title="Where the time goes"
      className="analytics-all"
      query={query}
      aside={
        <KindSwitch
          kind={kind}
          onChange={next => onChange({ kind: next === 'function' ? undefined : next, name: undefined })}
        />
      }
      partial={({ now }) => (now.length > MAX_SHOWN ? `The first ${MAX_SHOWN} of ${formatCount(now.length)}.` : null)}
      empty={({ now }) =>
        now.length === 0 ? (
          <Empty title="Nothing ended in this time">
            What still runs has no duration yet. Choose a longer time, or another kind.
          </Empty>
        ) : null
      }
    >
      {({ now, before }) => {
        const all = now.reduce((sum, row) => sum + row.sum_ms, 0)
        const sorted = now.toSorted((a, b) => (byP95 ? b.p95_ms - a.p95_ms : b.sum_ms - a.sum_ms))
        return (
          <>
            <p className="analytics-note quiet">
              {INCLUDES[kind]} Together {formatMicros(all * 1000)}. Percentiles are at most 19 % off.
            </p>
            <div className="mini-scroll">
              <table className="mini-table" data-testid="bottlenecks">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Ended</th>
                    <Sortable label="Total" active={!byP95} onSort={() => onChange({ sort: undefined })} />
                    <th scope="col">Of all the time</th>
                    <th scope="col">Change</th>
                    <th scope="col">Average</th>
                    <th scope="col">p50</th>
                    <Sortable label="p95" active={byP95} onSort={() => onChange({ sort: 'p95' })} />
                    <th scope="col">Change</th>
                    <th scope="col">Longest</th>
                  </tr>
                </thead>
                <tbody>
                  {sorted.slice(0, MAX_SHOWN).map(row => (
                    <Row
                      key={row.name}
                      row={row}
                      before={before.find(({ name }) => name === row.name)}
                      all={all}
                      kind={kind}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )
      }}
    </Panel>
  )
}

function Sortable({ label, active, onSort }: { label: string; active: boolean; onSort: () => void }) {
  return (
    <th scope="col" aria-sort={active ? 'descending' : 'none'}>
      <button type="button" className="analytics-sort" onClick={onSort}>
        {label}
        {active && <span aria-hidden="true"> ↓</span>}
      </button>
    </th>
  )
}

interface RowProps {
  row: NamedDurations
  before: NamedDurations | undefined
  all: number
  kind: Kind
}

function Row({ row, before, all, kind }: RowProps) {
  const text = (ms: number) => (ms < 1 ? '< 1 ms' : formatMicros(ms * 1000))
  return (
    <tr>
      <th scope="row">
        <Link
          from="/analytics"
          to="/analytics"
          search={old => ({ ...old, tab: 'durations', kind, name: row.name }) as AnalyticsSearch}
          className="mono mini-link"
          title="Its durations"
        >
          {row.name}
        </Link>
      </th>
      <td>{formatCount(row.measured)}</td>
      <td>{text(row.sum_ms)}</td>
      <td>
        <ShareBar part={row.sum_ms} whole={all} color="var(--running)" />
      </td>
      <td>
        <DeltaText delta={percentDelta(row.sum_ms, before?.sum_ms ?? null)} better="down" />
      </td>
      <td>{text(row.sum_ms / row.measured)}</td>
      <td>{text(row.p50_ms)}</td>
      <td>{text(row.p95_ms)}</td>
      <td>
        <DeltaText delta={percentDelta(row.p95_ms, before?.p95_ms ?? null)} better="down" />
      </td>
      <td>{text(row.max_ms)}</td>
    </tr>
  )
}
