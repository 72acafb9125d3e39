import { Link, type LinkProps } from '@tanstack/react-router'
import { formatCount } from '../model/names.ts'
import { StatusShape } from './StatusMark.tsx'
import { RelativeTime } from './TimeText.tsx'

/** How often a module ran a job in one function. */
export interface ModuleJob {
  source_function: string
  runs: number
  failed: number
  last_run_at: string
}

export type RowTarget = Pick<LinkProps, 'to' | 'params' | 'search'>

interface ModuleJobTableProps<TRow extends ModuleJob> {
  rows: readonly TRow[]
  /** The heading of the first column, and what stands in it. */
  what: string
  nameOf: (row: TRow) => string
  toName: (row: TRow) => RowTarget
  toFunction: (row: TRow) => RowTarget
  toFailed: (row: TRow) => RowTarget
  testId: string
}

/** Which module ran which job: seen from the job, or from the module. */
export function ModuleJobTable<TRow extends ModuleJob>(props: ModuleJobTableProps<TRow>) {
  const { rows, what, nameOf, toName, toFunction, toFailed, testId } = props
  return (
    <div className="mini-scroll">
      <table className="mini-table" data-testid={testId}>
        <thead>
          <tr>
            <th scope="col">{what}</th>
            <th scope="col" className="text">
              In function
            </th>
            <th scope="col">Runs</th>
            <th scope="col">Failed</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={`${nameOf(row)} ${row.source_function}`}>
              <th scope="row">
                <Link {...toName(row)} className="mono mini-link">
                  {nameOf(row)}
                </Link>
              </th>
              <td className="text">
                <Link {...toFunction(row)} className="mono mini-link">
                  {row.source_function}
                </Link>
              </td>
              <td>{formatCount(row.runs)}</td>
              <td>
                {row.failed === 0 ? (
                  <span className="quiet">0</span>
                ) : (
                  <Link {...toFailed(row)} className="status mini-link" data-tone="failed">
                    <StatusShape tone="failed" />
                    {formatCount(row.failed)}
                  </Link>
                )}
              </td>
              <td>
                <RelativeTime at={row.last_run_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
