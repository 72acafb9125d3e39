import { DEFAULT_FROM, isTimePoint } from '../model/time-range.ts'

/** What the server tells the dashboard at start, in `/config.json`. */
export interface Config {
  graphqlEndpoint: string
  /** What root fields and types begin with there: our source beside others in one Hasura. */
  graphqlPrefix: string
  /** Pause between two reads of what is on screen, in milliseconds. */
  pollIntervalMs: number
  /** What the server said, whatever was chosen here since. */
  serverPollIntervalMs: number
  /** The same for the overview, whose numbers cost more. */
  overviewPollIntervalMs: number
  /** The time range of a page whose address names none: `now-24h`. */
  defaultRange: string
  /** Whether the endpoint has live queries over a WebSocket. */
  subscriptions: boolean
  features: { correlationChains: boolean; rawPayloads: boolean }
  /** How long executions are kept; null when the server does not say. */
  retention: { days: number; failedDays: number } | null
  shopUrl: string | null
  /** Where a payload can be sent again; null: nowhere. */
  replay: { target: 'process' | 'webhook'; name: string; dryRun: boolean } | null
}

export const CONFIG_PATH = '/config.json'

export async function fetchConfig(signal: AbortSignal): Promise<Config> {
  const response = await fetch(CONFIG_PATH, { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`${CONFIG_PATH} answered ${response.status}`)
  return parseConfig(await readJson(response))
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    throw new Error(`${CONFIG_PATH} is not JSON`, { cause })
  }
}

export function parseConfig(value: unknown): Config {
  if (typeof value !== 'object' || value === null) throw new Error(`${CONFIG_PATH} holds no object`)
  const {
    graphqlEndpoint,
    graphqlPrefix,
    pollIntervalMs,
    overviewPollIntervalMs,
    defaultRange,
    subscriptions,
    features,
    retention,
    shopUrl,
    replay,
  } = value as Record<string, unknown>
  if (typeof graphqlEndpoint !== 'string' || graphqlEndpoint === '') {
    throw new Error(`${CONFIG_PATH} names no graphqlEndpoint`)
  }
  const flags = (typeof features === 'object' && features !== null ? features : {}) as Record<string, unknown>
  return {
    graphqlEndpoint,
    graphqlPrefix: typeof graphqlPrefix === 'string' ? graphqlPrefix : '',
    pollIntervalMs: toInterval(pollIntervalMs, 1_000),
    serverPollIntervalMs: toInterval(pollIntervalMs, 1_000),
    overviewPollIntervalMs: toInterval(overviewPollIntervalMs, 30_000),
    defaultRange: typeof defaultRange === 'string' && isTimePoint(defaultRange) ? defaultRange : DEFAULT_FROM,
    subscriptions: subscriptions === true,
    features: { correlationChains: flags.correlationChains !== false, rawPayloads: flags.rawPayloads !== false },
    retention: toRetention(retention),
    replay: toReplay(replay),
    shopUrl: typeof shopUrl === 'string' && shopUrl !== '' ? shopUrl : null,
  }
}

function toInterval(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 100 ? value : otherwise
}

function toRetention(value: unknown): Config['retention'] {
  const { days, failedDays } = (value ?? {}) as Record<string, unknown>
  return typeof days === 'number' && typeof failedDays === 'number' ? { days, failedDays } : null
}

function toReplay(value: unknown): Config['replay'] {
  const { target, name, dryRun } = (value ?? {}) as Record<string, unknown>
  if (target !== 'process' && target !== 'webhook') return null
  return { target, name: typeof name === 'string' ? name : '', dryRun: dryRun === true }
}
