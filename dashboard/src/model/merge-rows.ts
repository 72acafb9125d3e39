interface Row {
  id: string
  created_at: string
}

/**
 * The rows on screen after a read of the newest ones. Rows below that window stay; rows inside it that were not read
 * again no longer match and go. Where the new window does not touch the old rows, those between are unknown, so the old
 * ones go too: "load older" brings them back. `keep` bounds what stays.
 */
export function mergeNewest<T extends Row>(
  known: readonly T[],
  newest: readonly T[],
  pageSize: number,
  keep: number,
): T[] {
  const last = newest[newest.length - 1]
  if (!last || newest.length < pageSize) return [...newest]
  const newIds = new Set(newest.map(row => row.id))
  if (known.length > 0 && !known.some(row => newIds.has(row.id))) return [...newest]
  const below = known.filter(row => !newIds.has(row.id) && isOlder(row, last))
  return [...newest, ...below].slice(0, Math.max(keep, pageSize))
}

/**
 * The rows on screen with others that were told of one by one, the newest first. `keep` bounds what stays. Unless all
 * there are is known, what is older than the last row goes: between the two may be others.
 */
export function addNewest<T extends Row>(known: readonly T[], told: readonly T[], keep: number, isWhole: boolean): T[] {
  const ids = new Set(known.map(row => row.id))
  const last = isWhole ? undefined : known.at(-1)
  const added: T[] = []
  for (const row of told) {
    if (ids.has(row.id) || (last && isOlder(row, last))) continue
    ids.add(row.id)
    added.push(row)
  }
  return [...added, ...known].sort((a, b) => (isOlder(a, b) ? 1 : -1)).slice(0, keep)
}

/** The same rows in the same places, with what is known anew about them. */
export function refreshRows<T extends Row>(known: readonly T[], fresh: readonly T[]): T[] {
  const byId = new Map(fresh.map(row => [row.id, row]))
  return known.map(row => byId.get(row.id) ?? row)
}

export function appendOlder<T extends Row>(known: readonly T[], older: readonly T[]): T[] {
  const ids = new Set(known.map(row => row.id))
  return [...known, ...older.filter(row => !ids.has(row.id))]
}

/** Timestamps of one server have one format, so their text sorts as they do. */
function isOlder(a: Row, b: Row): boolean {
  return a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id)
}
