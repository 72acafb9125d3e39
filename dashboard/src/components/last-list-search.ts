let last: Record<string, unknown> = {}

/** The filters of the list as it was last seen, for the way back to it. */
export function lastListSearch(): Record<string, unknown> {
  return last
}

export function rememberListSearch(search: object): void {
  last = { ...search }
}
