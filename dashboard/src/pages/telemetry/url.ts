export const SOURCES = ['functions', 'tables', 'services'] as const
export type Source = (typeof SOURCES)[number]

/** What the address of the telemetry page says besides the time range. */
export interface TelemetrySearch {
  /** Whose volume the list of sources shows; `functions` by default. */
  by?: Source
}

export function parseTelemetrySearch(search: Record<string, unknown>): TelemetrySearch {
  const by = SOURCES.find(known => known === search.by)
  return by ? { by } : {}
}
