import { setTimeout as sleep } from 'node:timers/promises'
import { createPool, type Pool } from '../../src/db/pool.ts'
import type { HasuraEventPayload, JobRunOptions } from '../../src/detector/types.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import { SECOND } from '../../src/units.ts'
import { inTransaction, jobAsActor, type Transaction } from './database.ts'
import { readShopFile } from './shop-file.ts'

export { SHOP_EVENTS_DIR, SHOP_METADATA_DIR } from './shop-file.ts'

export interface ShopOptions {
  /** Of the shop's own database. */
  connectionString: string
  logger?: Logger
}

export interface Shop {
  readonly pool: Pool
  readonly logger: Logger
  /** Work that goes on after its request was answered, such as a customer who changes their mind; `close` ends it. */
  later(delayMs: number, work: () => Promise<void>): void
  /** Waits a moment for work under way and closes the connections. */
  close(): Promise<void>
}

// The detector loads event modules from a directory, by name, and calls their functions with the payload: there is no
// place to hand anything in. So the shop that was opened last is kept here for the jobs to find.
let openShop: Shop | undefined

/** Opens the shop: makes its tables and fills its shelves where that is not done yet. */
export async function createShop(options: ShopOptions): Promise<Shop> {
  const logger = options.logger ?? silentLogger
  const pool = createPool({ connectionString: options.connectionString, max: 10, applicationName: 'example shop' })
  const timers = new Set<NodeJS.Timeout>()
  const working = new Set<Promise<void>>()
  let closed = false
  const shop: Shop = {
    pool,
    logger,
    later(delayMs, work) {
      if (closed) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        const done = work()
          .catch((error: unknown) => logger.warn({ err: error }, 'shop: work after an order failed'))
          .finally(() => working.delete(done))
        working.add(done)
      }, delayMs)
      timers.add(timer)
    },
    async close() {
      if (closed) return
      closed = true
      if (openShop === shop) openShop = undefined
      for (const timer of timers) clearTimeout(timer)
      // Bounded: work that waits for a database that is away would hold up the whole process.
      await Promise.race([Promise.all(working), sleep(1 * SECOND, undefined, { ref: false })])
      await pool.end()
    },
  }
  try {
    await prepareDatabase(pool)
  } catch (error) {
    await shop.close()
    throw error
  }
  openShop = shop
  return shop
}

/** The shop whose jobs run in this process. */
export function useShop(): Shop {
  if (!openShop) throw new Error('no shop is open in this process: createShop() opens one')
  return openShop
}

/** How a job changes rows: in one transaction that carries the job's tracking token. Must be safe to run twice. */
export function changeRows<Result>(
  hasuraEvent: HasuraEventPayload,
  options: JobRunOptions,
  change: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return inTransaction(useShop().pool, jobAsActor(hasuraEvent, options), change, options.abortSignal)
}

async function prepareDatabase(pool: Pool): Promise<void> {
  const [schema, seed] = await Promise.all([readShopFile('schema.sql'), readShopFile('seed.sql')])
  // One transaction; the lock keeps two processes that start at once out of each other's way.
  await pool.query(
    `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('example shop', 0));\n${schema}\n${seed}\nCOMMIT`,
  )
}
