/** `next`, with every part that equals the same part of `previous` replaced by it: what did not change does not re-render. */
export function keepEqual<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next
  if (Array.isArray(previous) && Array.isArray(next)) {
    const kept = next.map((item, index) => keepEqual(matching(previous, item, index), item))
    const same = kept.length === previous.length && kept.every((item, index) => item === previous[index])
    return (same ? previous : kept) as T
  }
  if (!isObject(previous) || !isObject(next)) return next
  const keys = Object.keys(next)
  const kept: Record<string, unknown> = {}
  let same = keys.length === Object.keys(previous).length
  for (const key of keys) {
    kept[key] = keepEqual(previous[key], next[key])
    same &&= key in previous && kept[key] === previous[key]
  }
  return (same ? previous : kept) as T
}

/** Rows are compared with the row of the same id, wherever it stood. */
function matching(previous: unknown[], item: unknown, index: number): unknown {
  const candidate = previous[index]
  if (!isObject(item) || typeof item.id !== 'string') return candidate
  if (isObject(candidate) && candidate.id === item.id) return candidate
  return previous.find(other => isObject(other) && other.id === item.id)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
