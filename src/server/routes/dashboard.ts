import { existsSync } from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** What the dashboard in the browser is told at run time. Nothing secret belongs here. */
export interface DashboardConfig {
  graphqlEndpoint: string
  /** Before root fields and types there; '' for none. */
  graphqlPrefix: string
  pollIntervalMs: number
  overviewPollIntervalMs: number
  /** `now-24h`, or in minutes. */
  defaultRange: string
  /** Whether the endpoint has live queries over a WebSocket. */
  subscriptions: boolean
  features: { correlationChains: boolean; rawPayloads: boolean }
  /** Where payloads can be sent again; null: nowhere. */
  replay: { target: 'process' | 'webhook'; name: string; dryRun: boolean } | null
  retention: { days: number; failedDays: number }
  shopUrl: string | null
}

export interface DashboardRouteOptions {
  directory: string
  config: DashboardConfig
}

/** The dashboard's files, `/config.json`, and index.html for every page address. */
export async function dashboardRoutes(
  app: FastifyInstance,
  { directory, config }: DashboardRouteOptions,
): Promise<void> {
  app.get('/config.json', async (_request, reply) => reply.header('cache-control', 'no-store').send(config))
  if (!existsSync(path.join(directory, 'index.html'))) {
    app.get('/', async (_request, reply) => {
      reply.code(503).type('text/plain')
      return 'The dashboard is not built. Run "npm run build", or "npm start", which does so by itself.'
    })
    return
  }
  await app.register(fastifyStatic, {
    root: directory,
    index: false,
    // Names of built files contain a hash of their content.
    setHeaders: (response, file) => {
      const immutable = file.includes(`${path.sep}assets${path.sep}`)
      response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  app.get('/', (_request, reply) => reply.sendFile('index.html'))
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    // A page of the dashboard that was opened by its address; names in addresses may have dots (/modules/orders.placed).
    if (wantsPage && !request.url.startsWith('/assets/')) return reply.sendFile('index.html')
    return reply.code(404).send({ error: `nothing is at ${request.method} ${request.url}` })
  })
}
