/**
 * Deletes the oldest keys of a Map or Set, so many at once: a collection finds its first key by looking past all that were deleted since
 * it last grew. One at a time, where 20,000 keys come and go, that takes 5 to 25 µs each.
 */
export function forgetOldest<Key>(collection: Map<Key, unknown> | Set<Key>, count: number): void {
  let left = count
  for (const key of collection.keys()) {
    if (left-- <= 0) return
    collection.delete(key)
  }
}
