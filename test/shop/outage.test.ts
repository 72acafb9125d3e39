import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startDemoLoad } from '../../examples/shop/demo-load.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { silentLogger } from '../../src/log.ts'
import { SECOND } from '../../src/units.ts'
import { type RunningShop, startShop } from './shop-fixture.ts'

const OUTAGE_MS = 4 * SECOND

let dataDir: string
let postgres: EmbeddedPostgres
let running: RunningShop

beforeEach(async () => {
  // A server of its own, because it is going to be stopped.
  dataDir = await mkdtemp(path.join(tmpdir(), 'shop-outage-'))
  postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
  await postgres.ensureDatabase('shop')
  running = await startShop({ url: postgres.connectionString('shop'), drop: async () => {} })
})
afterEach(async () => {
  await running.close()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

it('finishes every order without a failed job when Postgres is away for a while under load', async () => {
  const demo = startDemoLoad({ shop: running.shop, ordersPerMinute: 180 })
  await sleep(2 * SECOND)
  await postgres.stop()
  await sleep(OUTAGE_MS)
  postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
  await sleep(3 * SECOND)
  await demo.stop()
  const status = async () =>
    (
      await running.shop.pool.query(
        `SELECT count(*)::int AS n, count(*) FILTER (WHERE status IN ('shipped', 'cancelled'))::int AS done FROM orders`,
      )
    ).rows[0]
  await expect
    .poll(
      async () => {
        const { n, done } = await status()
        return n - done
      },
      { timeout: 30_000 },
    )
    .toBe(0)
  await running.dispatcher.idle(60_000)

  expect((await status()).n).toBeGreaterThanOrEqual(10)
  const failed = running.invocations.flatMap(({ jobs }) => jobs).filter(name => name.includes('failed'))
  expect(failed.filter(name => !name.startsWith('capturePayment failed: the bank declined'))).toEqual([])
  // What was delivered while Postgres was away was marked when it was back: nothing was delivered twice.
  const ids = running.invocations.map(({ payload }) => payload.id)
  expect(ids.length - new Set(ids).size).toBe(0)
  const { rows } = await running.shop.pool.query(
    `SELECT count(*) FILTER (WHERE given_up_at IS NOT NULL)::int AS lost, max(tries) AS tries FROM hasura_event_delivery.event_log`,
  )
  expect(rows).toEqual([{ lost: 0, tries: 1 }])
  const { rows: stock } = await running.shop.pool.query('SELECT sum(reserved)::int AS reserved FROM inventory')
  expect(stock).toEqual([{ reserved: 0 }])
}, 120_000)
