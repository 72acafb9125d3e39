import type { CSSProperties, ReactNode } from 'react'
import { StatusShape } from '../../components/StatusMark.tsx'
import { count } from '../../model/names.ts'

/** One row of a comparison: both sides as they are drawn, and in words what differs. */
export interface PairRow {
  key: string
  name: ReactNode
  left: ReactNode | null
  right: ReactNode | null
  /** What differs; empty when nothing does. */
  differences: readonly string[]
  /** Said beside, but no difference by itself. */
  note?: string
  /** Steps below the first column. @default 0 */
  depth?: number
}

interface PairTableProps {
  testId: string
  /** What the first column names. */
  header: string
  rows: readonly PairRow[]
  /** Leave out rows that are the same. */
  onlyDifferences: boolean
  /** What rows are called when all of them are left out: `module`. */
  noun: string
}

/** Two sides in columns. A row that differs says how, with a shape and in words. */
export function PairTable({ testId, header, rows, onlyDifferences, noun }: PairTableProps) {
  const shown = onlyDifferences ? rows.filter(row => row.differences.length > 0) : rows
  if (shown.length === 0)
    return <p className="compare-same quiet">The same on both sides: {count(rows.length, noun)}.</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="mini-scroll" tabIndex={0} aria-label={`Each ${noun} on both sides`}>
      <table className="mini-table compare-table" data-testid={testId}>
        <thead>
          <tr>
            <th scope="col">{header}</th>
            <th scope="col">Left</th>
            <th scope="col">Right</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(row => (
            <tr key={row.key} data-differs={row.differences.length > 0 || undefined}>
              <th scope="row" style={{ '--depth': row.depth ?? 0 } as CSSProperties}>
                {row.name}
              </th>
              <td>{row.left ?? <span className="quiet">not there</span>}</td>
              <td>{row.right ?? <span className="quiet">not there</span>}</td>
              <td className="compare-words">
                {row.differences.length > 0 ? (
                  <span className="status" data-tone="warning">
                    <StatusShape tone="warning" />
                    {row.differences.join(', ')}
                  </span>
                ) : (
                  <span className="quiet">{row.note ?? 'same'}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** `3 of 15 differ`, for the head of a panel. */
export function differCount(rows: readonly PairRow[]): string {
  const differing = rows.filter(row => row.differences.length > 0).length
  return differing === 0 ? 'no difference' : `${differing} of ${rows.length} differ`
}
