/** One thing on two sides, or on one of them only. */
export interface Pair<T> {
  key: string
  left: T | null
  right: T | null
}

/**
 * Pairs what has the same key on both sides; the second of a key with the second, and so on. In the order of the left
 * side; what is only on the right stands after what it followed there.
 */
export function alignBy<T>(left: readonly T[], right: readonly T[], keyOf: (item: T) => string): Pair<T>[] {
  const keyedLeft = numbered(left, keyOf)
  const keyedRight = numbered(right, keyOf)
  const onLeft = new Set(keyedLeft.map(({ key }) => key))
  const byKey = new Map(keyedRight.map(({ key, item }) => [key, item]))
  // What is only on the right, by what stands before it there; '' is the beginning.
  const after = new Map<string, Pair<T>[]>()
  let previous = ''
  for (const { key, item } of keyedRight) {
    if (onLeft.has(key)) previous = key
    else after.set(previous, [...(after.get(previous) ?? []), { key, left: null, right: item }])
  }
  return [
    ...(after.get('') ?? []),
    ...keyedLeft.flatMap(({ key, item }) => [
      { key, left: item, right: byKey.get(key) ?? null },
      ...(after.get(key) ?? []),
    ]),
  ]
}

function numbered<T>(items: readonly T[], keyOf: (item: T) => string): { key: string; item: T }[] {
  const seen = new Map<string, number>()
  return items.map(item => {
    const name = keyOf(item)
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return { key: times === 1 ? name : `${name} (${times})`, item }
  })
}
