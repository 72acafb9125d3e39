import { Link } from '@tanstack/react-router'
import { shortId } from '../model/names.ts'
import { ChangedRow } from './ChangedRow.tsx'

interface InvocationCellProps {
  id: string
  /** Null when its row is not kept any more. */
  invocation: { source_operation: string | null; source_table: string | null; source_record_id: string | null } | null
  /** Part of its page to open. */
  tab?: 'modules'
}

/** The invocation that a row of a table belongs to, as a link. */
export function InvocationCell({ id, invocation, tab }: InvocationCellProps) {
  return (
    <Link to="/invocations/$id" params={{ id }} search={tab ? { tab } : {}} className="mini-link entity-invocation">
      {invocation ? <ChangedRow row={invocation} /> : <span className="mono">{shortId(id)}</span>}
    </Link>
  )
}
