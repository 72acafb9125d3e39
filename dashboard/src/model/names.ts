/** `public.orders` reads as `orders`: the schema matters only when it is not the usual one. */
export function shortTable(table: string | null): string {
  if (!table) return 'no table'
  return table.startsWith('public.') ? table.slice('public.'.length) : table
}

/** The first eight and last four characters of a UUID; anything shorter as it is. A UUIDv7's head alone is only its time. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id
}

/** `1 job`, `2 jobs`, `1,204 invocations`. */
export function count(amount: number, noun: string): string {
  return `${formatCount(amount)} ${noun}${amount === 1 ? '' : 's'}`
}

export function formatCount(amount: number): string {
  return amount.toLocaleString('en-US')
}
