import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare, percentDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatRate, type RateUnit, rateUnit } from '../../model/rate.ts'
import { type NamedTotals, OVERVIEW_FUNCTIONS } from './queries.ts'

const MAX_SHOWN = 12

/** Rate, errors and duration of each function: those that fail first. */
export function Functions({ range, every }: { range: Range; every: number }) {
  const query = useLiveQuery(OVERVIEW_FUNCTIONS, () => windowVariables(range), { identity: range.key, every })
  const { from, to } = range.span()
  return (
    <Panel
      title="Functions"
      className="overview-wide"
      query={query}
      aside={query.data && <span>{count(query.data.now.length, 'function')}</span>}
      partial={({ now }) =>
        now.length > MAX_SHOWN ? `The first ${MAX_SHOWN} of ${now.length}; the list has all.` : null
      }
      empty={({ now }) => (now.length === 0 ? <Empty title="No function was called in this time" /> : null)}
    >
      {({ now, before }) => (
        <div className="mini-scroll">
          <table className="mini-table" data-testid="functions">
            <thead>
              <tr>
                <th scope="col">Function</th>
                <th scope="col">Rate</th>
                <th scope="col">Invocations</th>
                <th scope="col">Change</th>
                <th scope="col">Failed</th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
                <th scope="col">Change</th>
              </tr>
            </thead>
            <tbody>
              {now.slice(0, MAX_SHOWN).map(row => (
                <FunctionRow
                  key={row.name}
                  row={row}
                  before={before.find(({ name }) => name === row.name)}
                  ms={to - from}
                  unit={rateUnit(
                    now.map(({ total }) => total),
                    to - from,
                  )}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

interface FunctionRowProps {
  row: NamedTotals
  before: NamedTotals | undefined
  ms: number
  unit: RateUnit
}

function FunctionRow({ row, before, ms, unit }: FunctionRowProps) {
  return (
    <tr>
      <th scope="row">
        <Link to="/invocations" search={{ function: [row.name] }} className="mono mini-link">
          {row.name}
        </Link>
      </th>
      <td>{formatRate(row.total, ms, unit)}</td>
      <td>{formatCount(row.total)}</td>
      <td>
        <DeltaText delta={percentDelta(row.total, before?.total ?? 0)} />
      </td>
      <td>
        {row.failed === 0 ? (
          <span className="quiet">0</span>
        ) : (
          <Link
            to="/invocations"
            search={{ function: [row.name], status: ['failed', 'timeout', 'lost'] }}
            className="status mini-link"
            data-tone="failed"
          >
            <StatusShape tone="failed" />
            {formatCount(row.failed)} <span className="quiet">{formatShare(row.failed, row.total)}</span>
          </Link>
        )}
      </td>
      <td>{row.p50_ms === null ? '–' : formatMicros(row.p50_ms * 1000)}</td>
      <td>{row.p95_ms === null ? '–' : formatMicros(row.p95_ms * 1000)}</td>
      <td>
        <DeltaText delta={percentDelta(row.p95_ms, before?.p95_ms ?? null)} better="down" />
      </td>
    </tr>
  )
}
