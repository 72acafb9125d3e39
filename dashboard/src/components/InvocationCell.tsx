import { Link } from '@tanstack/react-router'
import { shortId, shortTable } from '../model/names.ts'
import { OperationTag } from './OperationTag.tsx'

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
      {invocation ? (
        <>
          <OperationTag operation={invocation.source_operation} />
          <span className="mono">{shortTable(invocation.source_table)}</span>
          <span className="mono quiet">{shortId(invocation.source_record_id ?? '')}</span>
        </>
      ) : (
        <span className="mono">{shortId(id)}</span>
      )}
    </Link>
  )
}
