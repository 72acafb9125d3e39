import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Heatmap } from '../../components/chart/Heatmap.tsx'
import { timeTicks } from '../../components/chart/time-ticks.ts'
import { Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { useSetRange } from '../../components/use-range.ts'
import { useZone } from '../../components/use-zone.ts'
import { formatMicros } from '../../model/duration.ts'
import { countsOf, DOUBLINGS, usedBins } from '../../model/duration-histogram.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatDay, formatMinute } from '../../model/time.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import { binText } from './Histogram.tsx'
import { DURATION_STEPS } from './queries.ts'
import type { Kind } from './url.ts'
import type { Windows } from './use-windows.ts'

const ROW_HEIGHT = 15

interface DurationMapProps {
  windows: Windows
  kind: Kind
  name: string | null
}

/** When it took how long: a column for each step of time, a row for each doubling of the duration. */
export function DurationMap({ windows, kind, name }: DurationMapProps) {
  const [zone] = useZone()
  const setRange = useSetRange()
  const query = useLiveQuery(
    DURATION_STEPS,
    () => {
      const { since, until } = windows.variables()
      return { since, until, kind, name, step: windows.interval }
    },
    { identity: ['steps', windows.range.key, windows.step, kind, name], every: windows.every },
  )
  const open = (at: number) => setRange(toRangeSearch({ from: at, to: at + windows.step }))
  return (
    <Panel
      title={`Durations, ${stepText(windows.step)} by ${stepText(windows.step)}`}
      className="analytics-all"
      query={query}
      skeleton={<SkeletonBlock height={190} />}
      empty={({ steps }) => (steps.length === 0 ? <Empty title="Nothing ended in this time" /> : null)}
    >
      {({ steps }) => {
        const span = windows.span()
        const columns = fillSteps(steps, span, windows.step)
        const counts = columns.map(({ row }) => countsOf(row?.histogram ?? [], DOUBLINGS))
        const used = usedBins(counts)
        if (!used) return null
        const bins = DOUBLINGS.slice(used.from, used.to + 1).toReversed()
        const ticks = timeTicks(span, 8)
        return (
          <Heatmap
            label={`How many took how long, ${stepText(windows.step)} by ${stepText(windows.step)}`}
            color="var(--running)"
            rowHeight={ROW_HEIGHT}
            columns={columns.map(({ at }) => {
              const tick = ticks.at.find(one => one >= at && one < at + windows.step)
              if (tick === undefined) return null
              const text = formatMinute(tick * 1000, zone).slice(-5)
              return text === '00:00' || ticks.step >= 86_400_000 ? formatDay(tick * 1000, zone) : text
            })}
            rows={bins.map(bin => (bin.fromMs === 0 ? '< 1 ms' : formatMicros(bin.fromMs * 1000)))}
            cells={columns.flatMap(({ at }, column) =>
              bins.flatMap((bin, row) => {
                const value = counts[column]?.[used.to - row] ?? 0
                return value === 0
                  ? []
                  : [
                      {
                        column,
                        row,
                        value,
                        title: `${formatMinute(at * 1000, zone)}: ${count(value, 'duration')} ${binText(bin)}`,
                      },
                    ]
              }),
            )}
            onPick={cell => {
              const at = columns[cell.column]?.at
              if (at !== undefined) open(at)
            }}
            table={
              <table>
                <thead>
                  <tr>
                    <th scope="col">From</th>
                    <th scope="col">Ended</th>
                    <th scope="col">p50</th>
                    <th scope="col">p95</th>
                    <th scope="col">Longest</th>
                    {kind === 'function' && <th scope="col">Rows</th>}
                  </tr>
                </thead>
                <tbody>
                  {columns.map(
                    ({ at, row }) =>
                      row && (
                        <tr key={at}>
                          <th scope="row">
                            <button type="button" className="link-button" onClick={() => open(at)}>
                              {formatMinute(at * 1000, zone)}
                            </button>
                          </th>
                          <td>{formatCount(row.measured)}</td>
                          <td>{formatMicros(row.p50_ms * 1000)}</td>
                          <td>{formatMicros(row.p95_ms * 1000)}</td>
                          <td>{formatMicros(row.max_ms * 1000)}</td>
                          {kind === 'function' && (
                            <td>
                              <Link
                                to="/invocations"
                                search={{
                                  sort: 'duration',
                                  ...(name && { function: [name] }),
                                  ...toRangeSearch({ from: at, to: at + windows.step }),
                                }}
                                className="mini-link"
                              >
                                The slowest
                              </Link>
                            </td>
                          )}
                        </tr>
                      ),
                  )}
                </tbody>
              </table>
            }
          />
        )
      }}
    </Panel>
  )
}

function stepText(step: number): string {
  const [amount, unit] =
    step >= 86_400_000
      ? [step / 86_400_000, 'day']
      : step >= 3_600_000
        ? [step / 3_600_000, 'hour']
        : step >= 60_000
          ? [step / 60_000, 'minute']
          : [step / 1000, 'second']
  return amount === 1 ? unit : `${amount} ${unit}s`
}
