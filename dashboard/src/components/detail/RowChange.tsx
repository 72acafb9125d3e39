import { useState } from 'react'
import { count } from '../../model/names.ts'
import type { ColumnChange, RowDiff } from '../../model/row-diff.ts'
import { isBranch, JsonLeaf } from '../JsonTree.tsx'

/** Column by column: what changed first, with both values; the rest on demand. */
export function RowChange({ diff }: { diff: RowDiff }) {
  const [all, setAll] = useState(false)
  const unchanged = diff.columns.length - diff.changedCount
  const shown = all ? diff.columns : diff.columns.filter(change => change.changed)
  return (
    <div className="row-change" data-testid="row-change">
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            {diff.operation !== 'insert' && <th scope="col">Old</th>}
            {diff.operation !== 'delete' && <th scope="col">New</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(change => (
            <ColumnRow key={change.column} change={change} operation={diff.operation} />
          ))}
        </tbody>
      </table>
      {diff.operation === 'update' && diff.changedCount === 0 && <p className="quiet">No column changed its value.</p>}
      {unchanged > 0 && (
        <button type="button" className="link-button quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Hide what did not change' : `Show ${count(unchanged, 'unchanged column')}`}
        </button>
      )}
    </div>
  )
}

function ColumnRow({ change, operation }: { change: ColumnChange; operation: RowDiff['operation'] }) {
  // An inserted or deleted row is new or old as a whole: colouring every cell would say nothing.
  const marked = change.changed && operation === 'update'
  return (
    <tr data-changed={marked || undefined}>
      <th scope="row">{change.column}</th>
      {operation !== 'insert' && (
        <td data-side={marked ? 'old' : undefined}>
          <Cell value={change.before} />
        </td>
      )}
      {operation !== 'delete' && (
        <td data-side={marked ? 'new' : undefined}>
          <Cell value={change.after} />
        </td>
      )}
    </tr>
  )
}

function Cell({ value }: { value: unknown }) {
  return isBranch(value) ? <pre>{JSON.stringify(value, null, 1)}</pre> : <JsonLeaf value={value} />
}
