import { Link, type LinkProps } from '@tanstack/react-router'
import { type LiveQuery, useLiveQuery } from '../../api/use-live-query.ts'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { formatShare, percentDelta } from '../../model/delta.ts'
import { formatCount, shortTable } from '../../model/names.ts'
import { type SourceRow, TOP_FUNCTIONS, TOP_SERVICES, TOP_TABLES } from './queries.ts'
import type { TelemetryWindow } from './TelemetryPage.tsx'
import { SOURCES, type Source } from './url.ts'

const MAX_SHOWN = 10
const LABELS: Record<Source, string> = { functions: 'Functions', tables: 'Tables', services: 'Services' }

interface TopSourcesProps {
  window: TelemetryWindow
  by: Source
  onChange: (by: Source) => void
}

/** Where most of it comes from. */
export function TopSources({ window, by, onChange }: TopSourcesProps) {
  const query = useSources(window, by)
  return (
    <Panel
      title="Top sources"
      className="telemetry-narrow"
      query={query}
      aside={
        <fieldset className="segments" aria-label="Sources">
          {SOURCES.map(one => (
            <button key={one} type="button" aria-pressed={one === by} onClick={() => onChange(one)}>
              {LABELS[one]}
            </button>
          ))}
        </fieldset>
      }
      partial={({ now }) =>
        now.length > MAX_SHOWN ? `The first ${MAX_SHOWN} of ${formatCount(now.length)}; shares are of all.` : null
      }
      empty={({ now }) =>
        now.length === 0 ? (
          <Empty title={by === 'services' ? 'No event in this time' : 'No invocation in this time'}>
            Choose a longer time, or an earlier one.
          </Empty>
        ) : null
      }
    >
      {({ now, before }) => {
        const all = now.reduce((sum, row) => sum + row.amount, 0)
        const most = Math.max(...now.map(row => row.amount))
        return (
          <ol className="sources" data-testid="sources">
            {now
              .toSorted((a, b) => b.amount - a.amount)
              .slice(0, MAX_SHOWN)
              .map(row => (
                <li key={row.name ?? ''}>
                  <span className="source-bar" style={{ width: `${(row.amount / most) * 100}%` }} aria-hidden="true" />
                  <SourceName row={row} by={by} />
                  <span className="number">{formatCount(row.amount)}</span>
                  <span className="quiet number">{formatShare(row.amount, all)}</span>
                  <DeltaText
                    delta={percentDelta(row.amount, before.find(({ name }) => name === row.name)?.amount ?? 0)}
                  />
                </li>
              ))}
          </ol>
        )
      }}
    </Panel>
  )
}

function useSources(window: TelemetryWindow, by: Source): LiveQuery<{ now: SourceRow[]; before: SourceRow[] }> {
  const options = (source: Source) => ({
    identity: [source, window.range.key],
    every: window.every,
    skip: source !== by,
  })
  const functions = useLiveQuery(TOP_FUNCTIONS, window.variables, options('functions'))
  const tables = useLiveQuery(TOP_TABLES, window.variables, options('tables'))
  const services = useLiveQuery(TOP_SERVICES, window.variables, options('services'))
  if (by === 'functions') return functions
  if (by === 'tables') return tables
  const { data } = services
  return { ...services, data: data && { now: byName(data.now), before: byName(data.before) } }
}

/** All types of events of a service together. */
function byName(rows: readonly SourceRow[]): SourceRow[] {
  const sums = new Map<string | null, number>()
  for (const { name, amount } of rows) sums.set(name, (sums.get(name) ?? 0) + amount)
  return [...sums].map(([name, amount]) => ({ name, amount }))
}

function SourceName({ row: { name }, by }: { row: SourceRow; by: Source }) {
  if (name === null) return <span className="quiet">{by === 'services' ? 'no service named' : 'no table'}</span>
  return (
    <Link
      {...linkTo(name, by)}
      className="mono mini-link source-name"
      title={by === 'services' ? `${name}: its lines` : name}
    >
      {by === 'tables' ? shortTable(name) : name}
    </Link>
  )
}

function linkTo(name: string, by: Source): Pick<LinkProps, 'to' | 'search'> {
  switch (by) {
    case 'functions':
      return { to: '/invocations', search: { function: [name] } }
    case 'tables':
      return { to: '/invocations', search: { table: [name] } }
    case 'services':
      return { to: '/logs', search: { service: [name] } }
    default:
      return by satisfies never
  }
}
