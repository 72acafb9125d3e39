import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../src/errors.ts'
import type { Logger } from '../../src/log.ts'
import { MINUTE, SECOND } from '../../src/units.ts'
import { placeOrder, type Scenario } from './place-order.ts'
import type { Shop } from './shop.ts'

export interface DemoLoadOptions {
  shop: Shop
  /** 0 places no orders at all. */
  ordersPerMinute: number
  /** @default the shop's */
  logger?: Logger
}

// Mostly ordinary days. The lists have lengths without a common divisor, so that combinations keep changing.
const SCENARIO_ROTATION: readonly Scenario[] = [
  'typical',
  'typical',
  'carrier_retry',
  'typical',
  'payment_declined',
  'typical',
  'typical',
  'cancelled',
]
const ITEMS_ROTATION = [
  [
    { sku: 'KETTLE-1L', quantity: 1 },
    { sku: 'TEA-ASSAM', quantity: 2 },
  ],
  [
    { sku: 'COFFEE-YIRG', quantity: 2 },
    { sku: 'MUG-STONE', quantity: 2 },
  ],
  [{ sku: 'TEA-SENCHA', quantity: 3 }],
  [
    { sku: 'SCALE-01', quantity: 1 },
    { sku: 'COFFEE-YIRG', quantity: 1 },
  ],
  [{ sku: 'MUG-STONE', quantity: 4 }],
]
const CUSTOMERS = 6

// While the database is away an order waits for it; more than these few do not queue up behind it.
const MAX_ORDERS_AT_ONCE = 3

/** Places an order now and then more at the given rate, always in the same rotation. */
export function startDemoLoad({ shop, ordersPerMinute, logger = shop.logger }: DemoLoadOptions): {
  stop(): Promise<void>
} {
  const placing = new Set<Promise<void>>()
  let count = 0
  let failing = false

  function placeNext(): void {
    if (placing.size >= MAX_ORDERS_AT_ONCE) return
    const order = demoOrder(count++)
    const done = placeOrder(shop, order).then(
      () => {
        failing = false
      },
      (error: unknown) => {
        if (!failing) logger.warn({ reason: messageOf(error) }, 'demo load: an order could not be placed; more follow')
        failing = true
      },
    )
    placing.add(done)
    void done.finally(() => placing.delete(done))
  }

  let timer: NodeJS.Timeout | undefined
  if (ordersPerMinute > 0) {
    placeNext()
    timer = setInterval(placeNext, MINUTE / ordersPerMinute)
  }
  return {
    async stop() {
      clearInterval(timer)
      // Bounded, because an order waits for a database that is away.
      await Promise.race([Promise.all(placing), sleep(1 * SECOND, undefined, { ref: false })])
    },
  }
}

/** The n-th order of the rotation. */
export function demoOrder(n: number): {
  scenario: Scenario
  customerId: string
  items: { sku: string; quantity: number }[]
} {
  const pick = <T>(list: readonly T[]): T => list[n % list.length] as T
  return {
    scenario: pick(SCENARIO_ROTATION),
    customerId: `0190a000-0000-7000-8000-00000000000${1 + (n % CUSTOMERS)}`,
    items: pick(ITEMS_ROTATION),
  }
}
