import type { JobFunction } from '../../../src/detector/detector.ts'
import type { Transaction } from '../database.ts'
import { orderFromSupplier } from '../outside-world.ts'
import { newRow } from '../row-change.ts'
import { changeRows } from '../shop.ts'

export const reserveStock: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  const items = await changeRows(hasuraEvent, options, async transaction => {
    const { rows } = await transaction.query(
      `SELECT status FROM orders WHERE id = $1 AND status IN ('placed', 'paid') FOR SHARE`,
      [order.id],
    )
    return rows.length === 0
      ? []
      : moveStock(transaction, order.id, 'reserved', 'reserved = inventory.reserved + item.quantity')
  })
  for (const { sku, available } of items) {
    if (available < 0) console.warn(`${sku} is on back-order: ${-available} more sold than on hand`)
  }
  console.log(`reserved ${items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ') || 'nothing'}`)
  return { orderId: order.id, items }
}

export const releaseStock: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  const items = await changeRows(hasuraEvent, options, transaction =>
    moveStock(transaction, order.id, 'released', 'reserved = inventory.reserved - item.quantity'),
  )
  return { orderId: order.id, items }
}

export const removeFromStock: JobFunction = async (_event, hasuraEvent, options) => {
  const shipment = newRow('shipments', hasuraEvent)
  const items = await changeRows(hasuraEvent, options, transaction =>
    moveStock(
      transaction,
      shipment.order_id,
      'shipped',
      // What was sold beyond the stock comes straight from the supplier.
      'on_hand = greatest(inventory.on_hand - item.quantity, 0), reserved = inventory.reserved - item.quantity',
    ),
  )
  return { orderId: shipment.order_id, items }
}

export const requestReplenishment: JobFunction = async (_event, hasuraEvent, options) => {
  const { sku, on_hand, reserved, reorder_quantity } = newRow('inventory', hasuraEvent)
  console.warn(`${sku} runs low: ${on_hand - reserved} left`)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE inventory SET replenishment_requested_at = now(), updated_at = now(), updated_by = $2
       WHERE sku = $1 AND replenishment_requested_at IS NULL`,
      [sku, updatedBy],
    )
    return { sku, quantity: reorder_quantity, requested: rowCount === 1 }
  })
}

export const receiveReplenishment: JobFunction = async (_event, hasuraEvent, options) => {
  const { sku, reorder_quantity, replenishment_requested_at } = newRow('inventory', hasuraEvent)
  await orderFromSupplier(sku, reorder_quantity)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE inventory SET on_hand = on_hand + reorder_quantity, replenishment_requested_at = NULL, updated_at = now(),
         updated_by = $3
       WHERE sku = $1 AND replenishment_requested_at = $2`,
      [sku, replenishment_requested_at, updatedBy],
    )
    return { sku, quantity: reorder_quantity, received: rowCount === 1 }
  })
}

interface MovedItem {
  sku: string
  quantity: number
  available: number
}

/** Takes an order's items one step further and changes the inventory by exactly the items that took it. */
async function moveStock(
  { query, updatedBy }: Transaction,
  orderId: string,
  to: 'reserved' | 'released' | 'shipped',
  inventoryChange: string,
): Promise<MovedItem[]> {
  // Locked in one order, so that two orders of the same things do not wait for each other.
  await query(
    `SELECT FROM inventory WHERE sku IN (SELECT sku FROM order_items WHERE order_id = $1) ORDER BY sku FOR UPDATE`,
    [orderId],
  )
  const { rows } = await query(
    `WITH item AS (
       UPDATE order_items SET stock = $2, updated_at = now(), updated_by = $4
       WHERE order_id = $1 AND stock = $3
       RETURNING sku, quantity
     )
     UPDATE inventory SET ${inventoryChange}, updated_at = now(), updated_by = $4
     FROM item WHERE inventory.sku = item.sku
     RETURNING inventory.sku, item.quantity, inventory.on_hand - inventory.reserved AS available`,
    [orderId, to, to === 'reserved' ? 'open' : 'reserved', updatedBy],
  )
  return rows
}
