export interface Ancestor {
  id: string
  source_job_id: string | null
  source_job_execution: { id: string; invocation_id: string } | null
}

/** The first invocation of the chain that holds this one, as far up as it was recorded. In a circle: the one asked for. */
export function rootOf(ancestors: readonly Ancestor[], id: string): string {
  const byId = new Map(ancestors.map(row => [row.id, row]))
  const seen = new Set<string>()
  let at = id
  while (!seen.has(at)) {
    seen.add(at)
    const parentId = byId.get(at)?.source_job_execution?.invocation_id
    if (!parentId || !byId.has(parentId)) return at
    at = parentId
  }
  return id
}
