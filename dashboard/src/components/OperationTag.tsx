/** `INSERT`, `UPDATE`, `DELETE`, `MANUAL` as the trigger said it. */
export function OperationTag({ operation }: { operation: string | null }) {
  if (!operation) return null
  return (
    <span className="operation" data-operation={operation}>
      {operation}
    </span>
  )
}
