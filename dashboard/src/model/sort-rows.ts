/** A column and a direction as an address carries them: `runs` is ascending, `-runs` descending. */
export function parseSort(text: unknown, known: readonly string[]): string | undefined {
  return typeof text === 'string' && known.includes(text.replace(/^-/, '')) ? text : undefined
}

/** Sorted by one value of each row; what has none stands last in both directions. Equal rows keep their order. */
export function sortRows<TRow>(
  rows: readonly TRow[],
  value: (row: TRow) => number | string | null | undefined,
  descending: boolean,
): TRow[] {
  return rows
    .map(row => ({ row, key: value(row) ?? null }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null)
      const order =
        typeof a.key === 'string' || typeof b.key === 'string'
          ? String(a.key).localeCompare(String(b.key), 'en')
          : a.key - b.key
      return descending ? -order : order
    })
    .map(({ row }) => row)
}
