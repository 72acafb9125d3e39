import { useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Heatmap } from '../../components/chart/Heatmap.tsx'
import { Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { useSetRange } from '../../components/use-range.ts'
import { useZone } from '../../components/use-zone.ts'
import { formatShare } from '../../model/delta.ts'
import { hourCells } from '../../model/hour-cells.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatMinute, parseMicros, zoneLabel } from '../../model/time.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import { HOURS, type HourRow } from './queries.ts'
import type { Windows } from './use-windows.ts'

const HOUR_MS = 3_600_000
const MAX_DAYS = 31

/** Each hour of each day: when it happens, and when it fails. */
export function HourMap({ windows }: { windows: Windows }) {
  const [zone] = useZone()
  const setRange = useSetRange()
  const [measure, setMeasure] = useState<'total' | 'failed'>('total')
  const query = useLiveQuery(
    HOURS,
    () => {
      const { since, until } = windows.variables()
      const earliest = Date.parse(until) - MAX_DAYS * 24 * HOUR_MS
      return { since: new Date(Math.max(Date.parse(since), earliest)).toISOString(), until }
    },
    { identity: ['hours', windows.range.key], every: windows.every },
  )
  const { from, to } = windows.span()
  const open = (row: HourRow) => {
    const at = (parseMicros(row.bucket) ?? 0) / 1000
    setRange(toRangeSearch({ from: at, to: at + HOUR_MS }))
  }
  return (
    <Panel
      title={`Hour by hour (${zoneLabel(to * 1000, zone)})`}
      className="analytics-all"
      query={query}
      skeleton={<SkeletonBlock height={120} />}
      partial={() => (to - from > MAX_DAYS * 24 * HOUR_MS ? `The last ${MAX_DAYS} days of the time are drawn.` : null)}
      empty={({ hours }) => (hours.length === 0 ? <Empty title="No invocations in this time" /> : null)}
    >
      {({ hours }) => {
        const { days, cells } = hourCells(hours, { from: Math.max(from, to - MAX_DAYS * 24 * HOUR_MS), to }, zone)
        const shown = cells.filter(({ row }) => row[measure] > 0)
        return (
          <Heatmap
            label={measure === 'total' ? 'Invocations in each hour' : 'Failed invocations in each hour'}
            color={measure === 'total' ? 'var(--chart-ok)' : 'var(--failed)'}
            columns={Array.from({ length: 24 }, (_, hour) => (hour % 3 === 0 ? String(hour).padStart(2, '0') : null))}
            rows={days}
            rowHeight={days.length > 14 ? 13 : 18}
            cells={shown.map(({ day, hour, row }) => ({
              column: hour,
              row: day,
              value: row[measure],
              title: `${formatMinute(parseMicros(row.bucket) ?? 0, zone)}: ${count(row.total, 'invocation')}, ${formatCount(row.failed)} failed`,
            }))}
            onPick={cell => {
              const found = cells.find(({ day, hour }) => day === cell.row && hour === cell.column)
              if (found) open(found.row)
            }}
            aside={
              <fieldset className="segments" aria-label="What is counted">
                <button type="button" aria-pressed={measure === 'total'} onClick={() => setMeasure('total')}>
                  All
                </button>
                <button type="button" aria-pressed={measure === 'failed'} onClick={() => setMeasure('failed')}>
                  Failed
                </button>
              </fieldset>
            }
            table={
              <table>
                <thead>
                  <tr>
                    <th scope="col">Hour</th>
                    <th scope="col">Invocations</th>
                    <th scope="col">Failed</th>
                    <th scope="col">Share</th>
                  </tr>
                </thead>
                <tbody>
                  {hours.map(row => (
                    <tr key={row.bucket}>
                      <th scope="row">
                        <button type="button" className="link-button" onClick={() => open(row)}>
                          {formatMinute(parseMicros(row.bucket) ?? 0, zone)}
                        </button>
                      </th>
                      <td>{formatCount(row.total)}</td>
                      <td>{formatCount(row.failed)}</td>
                      <td>{formatShare(row.failed, row.total)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            }
          />
        )
      }}
    </Panel>
  )
}
