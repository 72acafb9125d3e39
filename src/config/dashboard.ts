import { type ConfigReader, flag, number, text, wholeNumber } from '../config-reader.ts'

/** What the dashboard is told at run time, besides how often it asks for news. */
export interface DashboardSettings {
  /** Null: the embedded endpoint, or HASURA_GRAPHQL_ENDPOINT. */
  readonly graphqlEndpoint: string | null
  readonly showCorrelationChains: boolean
  readonly showRawPayloads: boolean
  /** What a page shows whose address names no time range, in hours. */
  readonly defaultRangeHours: number
  readonly overviewPollIntervalMs: number
}

/** Each is read by both of its names, as dashboards of that kind are built with one or the other; VITE_ wins. */
const NAMES = [
  'GRAPHQL_ENDPOINT',
  'SHOW_CORRELATION_CHAINS',
  'SHOW_RAW_PAYLOADS',
  'DEFAULT_TIME_RANGE',
  'OVERVIEW_POLLING',
] as const

export const DASHBOARD_VARIABLES = [
  ...NAMES.map(name => `VITE_${name}` as const),
  ...NAMES.map(name => `REACT_APP_${name}` as const),
] as const

/** Read when the server starts, so that a built dashboard needs no second build. */
export function readDashboardSettings(
  reader: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): DashboardSettings {
  const read = <T, F>(name: (typeof NAMES)[number], field: Parameters<typeof reader.get<T, F>>[2], fallback: F) => {
    const chosen = env[`VITE_${name}`] ? `VITE_${name}` : `REACT_APP_${name}`
    return reader.get<T, F>(chosen, env[chosen], field, fallback)
  }
  return Object.freeze({
    graphqlEndpoint: read('GRAPHQL_ENDPOINT', text, null),
    showCorrelationChains: read('SHOW_CORRELATION_CHAINS', flag, true),
    showRawPayloads: read('SHOW_RAW_PAYLOADS', flag, true),
    defaultRangeHours: read('DEFAULT_TIME_RANGE', number(0.1, 8_760), 24),
    overviewPollIntervalMs: read('OVERVIEW_POLLING', wholeNumber(1_000, 3_600_000), 30_000),
  })
}
