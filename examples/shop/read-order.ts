import type { Shop } from './shop.ts'

export interface Product {
  sku: string
  name: string
  description: string
  priceCents: number
  /** Never negative: what is on back-order shows as none. */
  available: number
  backOrdered: boolean
}

export async function readProducts(shop: Shop): Promise<Product[]> {
  const { rows } = await shop.pool.query(
    `SELECT sku, name, description, price_cents, on_hand - reserved AS available
     FROM products JOIN inventory USING (sku) ORDER BY products.id`,
  )
  return rows.map(({ sku, name, description, price_cents, available }) => ({
    sku,
    name,
    description,
    priceCents: price_cents,
    available: Math.max(0, available),
    backOrdered: available < 0,
  }))
}

export interface OrderView {
  id: string
  number: number
  status: 'placed' | 'paid' | 'shipped' | 'cancelled'
  cancelReason: string | null
  customer: string
  totalCents: number
  placedAt: string
  items: { sku: string; name: string; quantity: number; unitPriceCents: number }[]
  payment: { status: string; failureReason: string | null } | null
  shipment: { status: string; carrier: string | null; trackingNumber: string | null; labelUrl: string | null } | null
  notifications: { kind: string; subject: string; status: string }[]
  /** Whether nothing more will happen by itself. */
  settled: boolean
}

/** An order with all that became of it; null when there is none of this id. */
export async function readOrder(shop: Shop, orderId: string): Promise<OrderView | null> {
  const { rows } = await shop.pool.query(
    `SELECT json_build_object(
       'id', o.id, 'number', o.number, 'status', o.status, 'cancelReason', o.cancel_reason, 'customer', c.name,
       'totalCents', o.total_cents, 'placedAt', o.created_at,
       'items', (SELECT json_agg(json_build_object('sku', i.sku, 'name', p.name, 'quantity', i.quantity,
                                                   'unitPriceCents', i.unit_price_cents) ORDER BY i.id)
                 FROM order_items i JOIN products p USING (sku) WHERE i.order_id = o.id),
       'payment', (SELECT json_build_object('status', status, 'failureReason', failure_reason)
                   FROM payments WHERE order_id = o.id),
       'shipment', (SELECT json_build_object('status', status, 'carrier', carrier, 'trackingNumber', tracking_number,
                                             'labelUrl', label_url)
                    FROM shipments WHERE order_id = o.id),
       'notifications', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'subject', subject, 'status', status)
                                                  ORDER BY id), '[]')
                         FROM notifications WHERE order_id = o.id)) AS "order"
     FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1`,
    [orderId],
  )
  const order = rows[0]?.order as Omit<OrderView, 'settled'> | undefined
  return order ? { ...order, settled: isSettled(order) } : null
}

function isSettled({ status, payment, notifications }: Omit<OrderView, 'settled'>): boolean {
  const told = (kind: string): boolean => notifications.some(each => each.kind === kind && each.status === 'sent')
  if (notifications.some(each => each.status === 'queued')) return false
  if (status === 'shipped') return told('dispatch')
  if (status !== 'cancelled') return false
  if (payment?.status === 'declined') return told('payment-problem')
  if (payment?.status === 'refunded') return told('refund')
  return payment?.status === 'voided' || payment === null
}
