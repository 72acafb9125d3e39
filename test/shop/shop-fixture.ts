import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'
import { createShop, SHOP_EVENTS_DIR, SHOP_METADATA_DIR, type Shop } from '../../examples/shop/shop.ts'
import { extractCorrelation } from '../../src/correlation/extract.ts'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import {
  BasePlugin,
  type HasuraEventPayload,
  type JobRunOptions,
  type ListenToResponse,
  listenTo,
  PluginManager,
} from '../../src/detector/detector.ts'
import { createEventDispatcher, type EventDispatcher } from '../../src/hasura/event-triggers/dispatcher.ts'
import { installEventTriggers } from '../../src/hasura/event-triggers/install.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

/** One row change that reached the detector, and what it set off. */
export interface SeenInvocation {
  /** `orders INSERT placed`: table, operation and status. */
  change: string
  payload: HasuraEventPayload
  correlationId: string
  /** 0 for a change that no job made, else one more than that of the invocation whose job made it. */
  level: number
  detected: string[]
  /** `capturePayment` or, where it failed, `capturePayment failed: reason`. */
  jobs: string[]
  moduleCount: number
}

/** Gives jobs the ids that the observability plugin would give them, and knows them again in what they wrote. */
class JobIds extends BasePlugin {
  levelOfJob = new Map<string, number>()

  override onJobStart(_name: string, options: JobRunOptions, _event: string, payload: HasuraEventPayload) {
    options.jobExecutionId = uuidv7()
    this.levelOfJob.set(options.jobExecutionId, this.levelOf(payload))
  }

  levelOf(payload: HasuraEventPayload): number {
    const { sourceJobId } = extractCorrelation(payload)
    return sourceJobId ? (this.levelOfJob.get(sourceJobId) as number) + 1 : 0
  }
}

export interface RunningShop {
  shop: Shop
  dispatcher: EventDispatcher
  invocations: SeenInvocation[]
  /** Waits until every change was delivered and all that it set off, too. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** The shop with its event triggers, a dispatcher, and our detector behind a real webhook. */
export async function startShop(given?: Pick<TestDatabase, 'url' | 'drop'>): Promise<RunningShop> {
  // The jobs talk a lot.
  for (const method of ['log', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {})
  const jobIds = new JobIds()
  const plugins = new PluginManager()
  plugins.register(jobIds)
  const database = given ?? (await createTestDatabase({ migrated: false }))
  const shop = await createShop({ connectionString: database.url })
  const metadata = await readMetadata(SHOP_METADATA_DIR)
  await installEventTriggers({ pool: shop.pool, metadata, sourceName: 'shop' })

  const invocations: SeenInvocation[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const payload = JSON.parse(Buffer.concat(chunks).toString('utf8')) as HasuraEventPayload
    const result = await listenTo(payload, {
      eventModulesDirectory: SHOP_EVENTS_DIR,
      correlationId: extractCorrelation(payload).correlationId ?? undefined,
      pluginManager: plugins,
    })
    invocations.push(toInvocation(payload, result, jobIds.levelOf(payload)))
    response.end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dispatcher = createEventDispatcher({
    pool: shop.pool,
    connectionString: database.url,
    metadata,
    sourceName: 'shop',
    environment: { SHOP_WEBHOOK_URL: `http://127.0.0.1:${port}/webhooks/hasura` },
  })
  await dispatcher.start()
  return {
    shop,
    dispatcher,
    invocations,
    settle: () => dispatcher.idle(20_000),
    async close() {
      vi.restoreAllMocks()
      await dispatcher.stop()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await shop.close()
      await database.drop()
    },
  }
}

function toInvocation(payload: HasuraEventPayload, result: ListenToResponse, level: number): SeenInvocation {
  const { op, data } = payload.event
  return {
    change: [payload.table?.name, op, data.new?.status].filter(Boolean).join(' '),
    payload,
    correlationId: payload.__correlationId ?? '',
    level,
    detected: result.events.filter(event => event.detected).map(event => event.name),
    jobs: result.events.flatMap(event =>
      event.jobs.map(each => (each.completed ? each.name : `${each.name} failed: ${each.error?.message}`)),
    ),
    moduleCount: result.events.length,
  }
}
