import { shortId, shortTable } from '../model/names.ts'
import { OperationTag } from './OperationTag.tsx'
import './changed-row.css'

interface ChangedRowProps {
  row: {
    source_operation: string | null
    source_table: string | null
    source_record_id: string | null
    /** The invocation that it repeats, where that was asked for. */
    replay_of?: string | null
  }
}

/** The row change that an invocation was called for: `UPDATE orders 01a1…676c`; a replay says that it is one. */
export function ChangedRow({ row }: ChangedRowProps) {
  return (
    <>
      <OperationTag operation={row.source_operation} />
      <span className="mono changed-table">{shortTable(row.source_table)}</span>
      {row.source_record_id && (
        <span className="mono quiet changed-key" title={row.source_record_id}>
          {shortId(row.source_record_id)}
        </span>
      )}
      {row.replay_of && (
        <span className="replay-mark" title="Its payload was given to the detector again from this dashboard">
          replay
        </span>
      )}
    </>
  )
}
