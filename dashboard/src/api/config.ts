/** What the server tells the dashboard at start, in `/config.json`. */
export interface Config {
  graphqlEndpoint: string
  /** Pause between two reads of what is on screen, in milliseconds. */
  pollIntervalMs: number
  shopUrl: string | null
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
  const { graphqlEndpoint, pollIntervalMs, shopUrl } = value as Record<string, unknown>
  if (typeof graphqlEndpoint !== 'string' || graphqlEndpoint === '') {
    throw new Error(`${CONFIG_PATH} names no graphqlEndpoint`)
  }
  return {
    graphqlEndpoint,
    pollIntervalMs: typeof pollIntervalMs === 'number' && pollIntervalMs >= 100 ? pollIntervalMs : 1000,
    shopUrl: typeof shopUrl === 'string' && shopUrl !== '' ? shopUrl : null,
  }
}
