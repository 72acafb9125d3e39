import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readServerConfig } from '../src/config.ts'
import { silentLogger } from '../src/log.ts'
import { startServer } from '../src/server/main.ts'
import type { Query } from './screenshot-pages.ts'
import { sendTraces } from './shown-traces.ts'

export interface ShownServer {
  url: string
  query: Query
  /** Lets something happen for whoever watches; a server that ran before has its own traffic. */
  stir: () => Promise<void>
  stop: () => Promise<void>
}

const SCENARIOS = [
  {},
  { scenario: 'payment_declined' },
  {},
  { scenario: 'carrier_retry' },
  { scenario: 'cancelled' },
  {},
]

/** A server with orders to look at: the one that runs at `url`, or one of its own on an empty database. */
export async function startShownServer(url: string | null): Promise<ShownServer> {
  if (url !== null) return { url, query: queryOf(url), stir: async () => {}, stop: async () => {} }
  const dataDir = await mkdtemp(path.join(tmpdir(), 'screenshots-'))
  const config = { ...readServerConfig({}), port: 0, dataDir, demoOrdersPerMinute: 0 }
  const server = await startServer({ config, logger: silentLogger })
  for (let round = 0; round < 4; round += 1) {
    for (const order of SCENARIOS) await placeOrder(server.url, order)
  }
  await sendTraces(server.url)
  const query = queryOf(server.url)
  await settled(query)
  return {
    url: server.url,
    query,
    stir: () => sendTraces(server.url),
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function placeOrder(url: string, order: object): Promise<void> {
  const response = await fetch(`${url}/shop/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  if (!response.ok) throw new Error(`the shop answered ${response.status}: ${await response.text()}`)
}

/** Waits until the chains have ended: nothing runs, and nothing was added for a while. */
async function settled(query: Query): Promise<void> {
  let last = ''
  for (let quiet = 0; quiet < 4; ) {
    await new Promise(resolve => setTimeout(resolve, 500))
    const seen = JSON.stringify(
      await query(
        `{ all: invocations_aggregate { aggregate { count } }
           running: invocations_aggregate(where: { status: { _eq: "running" } }) { aggregate { count } } }`,
      ),
    )
    quiet = seen === last && seen.includes('"running":{"aggregate":{"count":0}}') ? quiet + 1 : 0
    last = seen
  }
}

function queryOf(url: string): Query {
  return async query => {
    const response = await fetch(`${url}/v1/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown }
    if (!data) throw new Error(`the query failed: ${JSON.stringify(errors)}`)
    return data
  }
}
