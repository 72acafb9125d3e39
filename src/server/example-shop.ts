import type { FastifyInstance } from 'fastify'
import { quoteIdent } from '../db/identifiers.ts'
import type { Pool } from '../db/pool.ts'
import { createEventDispatcher } from '../hasura/event-triggers/dispatcher.ts'
import { installEventTriggers } from '../hasura/event-triggers/install.ts'
import { readMetadata } from '../hasura/metadata.ts'
import type { Logger } from '../log.ts'

export interface ExampleShopOptions {
  connectionString: string
  ordersPerMinute: number
  logger: Logger
  observability: { pool: Pool; schema: string }
}

export interface ExampleShop {
  /** Folder of the shop's event modules. */
  eventModulesDirectory: string
  /** Adds the storefront and its API to a server that does not listen yet. */
  addRoutes(app: FastifyInstance): Promise<void>
  /** Delivers row changes to a webhook from now on, and places the demo orders. */
  open(webhookUrl: string): Promise<void>
  /** Places no more orders and lets deliveries in flight end. */
  quiesce(): Promise<void>
  close(): Promise<void>
}

/** The shop of examples/shop in its own database, with its event triggers. Loaded only when it is wanted. */
export async function createExampleShop(options: ExampleShopOptions): Promise<ExampleShop> {
  const [{ createShop, SHOP_EVENTS_DIR, SHOP_METADATA_DIR }, { startDemoLoad }, { shopRoutes }] = await Promise.all([
    import('../../examples/shop/shop.ts'),
    import('../../examples/shop/demo-load.ts'),
    import('../../examples/shop/routes.ts'),
  ])
  const { connectionString, logger, observability } = options
  const shop = await createShop({ connectionString, logger })
  const metadata = await readMetadata(SHOP_METADATA_DIR)
  await installEventTriggers({ pool: shop.pool, metadata, sourceName: 'shop' })
  let dispatcher: ReturnType<typeof createEventDispatcher> | undefined
  let demo: ReturnType<typeof startDemoLoad> | undefined

  async function findRootInvocation(orderId: string): Promise<string | null> {
    const { rows } = await observability.pool.query<{ id: string }>(
      `SELECT id FROM ${quoteIdent(observability.schema)}.invocations
       WHERE source_record_id = $1 AND source_operation = 'INSERT' AND source_table = 'public.orders'
         AND source_job_id IS NULL AND created_at > now() - interval '1 day'
       ORDER BY created_at LIMIT 1`,
      [orderId],
    )
    return rows[0]?.id ?? null
  }

  return {
    eventModulesDirectory: SHOP_EVENTS_DIR,
    addRoutes: async app => {
      await app.register(shopRoutes, { shop, findRootInvocation })
    },
    async open(webhookUrl) {
      dispatcher = createEventDispatcher({
        pool: shop.pool,
        connectionString,
        metadata,
        sourceName: 'shop',
        environment: { SHOP_WEBHOOK_URL: webhookUrl },
        logger,
      })
      await dispatcher.start()
      demo = startDemoLoad({ shop, ordersPerMinute: options.ordersPerMinute, logger })
    },
    async quiesce() {
      await demo?.stop()
      await dispatcher?.stop()
    },
    close: () => shop.close(),
  }
}
