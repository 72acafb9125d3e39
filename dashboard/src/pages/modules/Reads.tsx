import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare } from '../../model/delta.ts'
import { formatCount } from '../../model/names.ts'
import { MODULE_COLUMNS } from './queries.ts'

/** What its detector looks at: a module that reads nothing cannot tell one change from another. */
export function Reads({ name, range, every }: { name: string; range: Range; every: number }) {
  const query = useLiveQuery(MODULE_COLUMNS, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="What it reads"
      className="entity-narrow"
      query={query}
      partial={({ columns: [first] }) =>
        first && first.recorded < first.looked_at
          ? `Reads were recorded in ${formatCount(first.recorded)} of ${formatCount(first.looked_at)} verdicts.`
          : null
      }
      empty={({ columns }) =>
        columns.length === 0 ? (
          <Empty title="No reads recorded">
            The plugin's option <code className="mono">recordReads</code> notes which columns each detector looks at.
          </Empty>
        ) : null
      }
    >
      {({ columns }) => (
        <div className="mini-scroll">
          <table className="mini-table" data-testid="reads">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">Verdicts</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {columns.map(row => (
                <tr key={row.column_read}>
                  <th scope="row" className="mono">
                    {row.column_read}
                  </th>
                  <td>{formatCount(row.reads)}</td>
                  <td>{formatShare(row.reads, row.recorded)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
