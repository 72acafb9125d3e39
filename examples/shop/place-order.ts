import { isUuid, uuidv7 } from '../../src/correlation/uuid.ts'
import { ObservabilityError } from '../../src/errors.ts'
import { customer, inTransaction, retryWhileAway } from './database.ts'
import { DECLINED_CARD, REMOTE_POSTCODE } from './outside-world.ts'
import type { Shop } from './shop.ts'

export const SCENARIOS = ['typical', 'payment_declined', 'carrier_retry', 'cancelled'] as const

export type Scenario = (typeof SCENARIOS)[number]

/** What a customer asks for. */
export interface OrderRequest {
  /** What is to become of the order. @default 'typical' */
  scenario: Scenario
  /** @default the shop's first customer */
  customerId?: string
  /** @default a kettle and two packets of tea */
  items: { sku: string; quantity: number }[]
}

export interface PlacedOrder {
  orderId: string
  orderNumber: number
  customerId: string
  status: 'placed'
  totalCents: number
  scenario: Scenario
}

const TYPICAL_ITEMS = [
  { sku: 'KETTLE-1L', quantity: 1 },
  { sku: 'TEA-ASSAM', quantity: 2 },
]
const MAX_QUANTITY = 20
const MAX_ITEMS = 20
// By then the card is charged, and the label is not printed yet.
const CANCEL_AFTER_MS = 900

/**
 * Places an order as a customer does: the root of a chain. `{}` is a typical order. Throws PAYLOAD_INVALID, with what
 * is allowed instead, for anything that is not an order.
 */
export async function placeOrder(shop: Shop, body: unknown): Promise<PlacedOrder> {
  const request = parseOrderRequest(body)
  const { scenario } = request
  const buyer = await readCustomer(shop, request.customerId)
  const prices = await readPrices(shop, request.items)
  const orderId = uuidv7()
  const items = request.items.map(item => ({ ...item, id: uuidv7(), unitPriceCents: prices.get(item.sku) as number }))
  const totalCents = items.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0)

  const orderNumber = await inTransaction(shop.pool, customer(buyer.id, buyer.email), async ({ query, updatedBy }) => {
    await query(
      `INSERT INTO orders (id, customer_id, status, payment_method, delivery_postcode, total_cents, updated_by)
       VALUES ($1, $2, 'placed', $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        orderId,
        buyer.id,
        scenario === 'payment_declined' ? DECLINED_CARD : 'card_visa',
        scenario === 'carrier_retry' ? REMOTE_POSTCODE : buyer.postcode,
        totalCents,
        updatedBy,
      ],
    )
    await query(
      `INSERT INTO order_items (id, order_id, sku, quantity, unit_price_cents, updated_by)
       SELECT item.id, $1, item.sku, item.quantity, item."unitPriceCents", $3
       FROM json_to_recordset($2::json) AS item (id uuid, sku text, quantity int, "unitPriceCents" int)
       ON CONFLICT DO NOTHING`,
      [orderId, JSON.stringify(items), updatedBy],
    )
    const { rows } = await query('SELECT number::int FROM orders WHERE id = $1', [orderId])
    return rows[0].number
  })
  if (scenario === 'cancelled') {
    shop.later(CANCEL_AFTER_MS, () => cancelOrder(shop, orderId))
  }
  return { orderId, orderNumber, customerId: buyer.id, status: 'placed', totalCents, scenario }
}

/** The customer changes their mind. Changes nothing once the parcel has left. */
export async function cancelOrder(shop: Shop, orderId: string): Promise<void> {
  const { rows } = await read(
    shop,
    'SELECT customers.id, email FROM customers JOIN orders ON customers.id = customer_id WHERE orders.id = $1',
    [orderId],
  )
  const [buyer] = rows
  if (!buyer) throw new ObservabilityError('PAYLOAD_INVALID', `there is no order ${orderId}`)
  await inTransaction(shop.pool, customer(buyer.id, buyer.email), ({ query, updatedBy }) =>
    query(
      `UPDATE orders SET status = 'cancelled', cancel_reason = 'the customer changed their mind', updated_at = now(),
         updated_by = $2
       WHERE id = $1 AND status IN ('placed', 'paid')
         AND NOT EXISTS (SELECT FROM shipments WHERE order_id = $1 AND status = 'dispatched')`,
      [orderId, updatedBy],
    ),
  )
}

/** Reads an order's body; null and undefined are an empty one. */
export function parseOrderRequest(body: unknown): OrderRequest {
  const given = body ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) invalid(`an order is a JSON object, such as {} or ${EXAMPLE}`)
  const { scenario = 'typical', customerId, items = TYPICAL_ITEMS, ...unknown } = given as Record<string, unknown>
  const [unknownKey] = Object.keys(unknown)
  if (unknownKey !== undefined) {
    invalid(`an order has no key ${JSON.stringify(unknownKey)}; it may have scenario, customerId and items`)
  }
  if (!SCENARIOS.includes(scenario as Scenario)) {
    invalid(`scenario is ${JSON.stringify(scenario)}; it must be one of ${SCENARIOS.join(', ')}`)
  }
  if (customerId !== undefined && !isUuid(customerId)) {
    invalid(`customerId is ${JSON.stringify(customerId)}; it must be the UUID of a customer`)
  }
  return {
    scenario: scenario as Scenario,
    ...(customerId === undefined ? {} : { customerId: customerId as string }),
    items: parseItems(items),
  }
}

const EXAMPLE = '{ "scenario": "carrier_retry", "items": [{ "sku": "TEA-ASSAM", "quantity": 2 }] }'

function parseItems(items: unknown): OrderRequest['items'] {
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS) {
    invalid(`items must be a list of 1 to ${MAX_ITEMS} entries, such as [{ "sku": "TEA-ASSAM", "quantity": 2 }]`)
  }
  const quantities = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    if (typeof item !== 'object' || item === null) invalid(`items[${index}] must be an object with sku and quantity`)
    const { sku, quantity, ...unknown } = item as Record<string, unknown>
    const [unknownKey] = Object.keys(unknown)
    if (unknownKey !== undefined) {
      invalid(`items[${index}] has no key ${JSON.stringify(unknownKey)}; it has sku and quantity`)
    }
    if (typeof sku !== 'string') invalid(`items[${index}].sku must be the text of a product's sku`)
    const total = (quantities.get(sku) ?? 0) + (Number.isInteger(quantity) ? (quantity as number) : Number.NaN)
    if (!((quantity as number) >= 1 && total <= MAX_QUANTITY)) {
      invalid(
        `items[${index}].quantity is ${JSON.stringify(quantity)}; it must be a whole number, and 1 to ${MAX_QUANTITY} in all for ${sku}`,
      )
    }
    quantities.set(sku, total)
  }
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}

async function readCustomer(
  shop: Shop,
  id: string | undefined,
): Promise<{ id: string; email: string; postcode: string }> {
  const { rows } = await read(
    shop,
    'SELECT id, email, postcode FROM customers WHERE $1::uuid IS NULL OR id = $1 ORDER BY id LIMIT 1',
    [id],
  )
  return rows[0] ?? invalid(`there is no customer ${id}; leave customerId out to order as the first one`)
}

async function readPrices(shop: Shop, items: OrderRequest['items']): Promise<Map<string, number>> {
  const { rows } = await read(shop, 'SELECT sku, price_cents FROM products ORDER BY sku')
  const prices = new Map<string, number>(rows.map(({ sku, price_cents }) => [sku, price_cents]))
  for (const { sku } of items) {
    if (!prices.has(sku)) {
      invalid(`there is no product ${JSON.stringify(sku)}; the shop has ${[...prices.keys()].join(', ')}`)
    }
  }
  return prices
}

function read(shop: Shop, text: string, values?: unknown[]) {
  return retryWhileAway(() => shop.pool.query(text, values))
}

function invalid(message: string): never {
  throw new ObservabilityError('PAYLOAD_INVALID', message)
}
