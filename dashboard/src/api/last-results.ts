const MAX_REMEMBERED = 40

/** Keeps the most recently written; the oldest goes. */
export function remember(results: Map<string, unknown>, key: string, value: unknown): void {
  results.delete(key)
  results.set(key, value)
  const oldest = results.keys().next()
  if (results.size > MAX_REMEMBERED && !oldest.done) results.delete(oldest.value)
}
