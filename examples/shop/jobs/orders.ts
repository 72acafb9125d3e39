import type { JobFunction } from '../../../src/detector/detector.ts'
import { newRow } from '../row-change.ts'
import { changeRows } from '../shop.ts'

export const markOrderPaid: JobFunction = async (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    // An order that was cancelled meanwhile stays cancelled.
    const { rowCount } = await query(
      `UPDATE orders SET status = 'paid', updated_at = now(), updated_by = $2 WHERE id = $1 AND status = 'placed'`,
      [payment.order_id, updatedBy],
    )
    return { orderId: payment.order_id, paid: rowCount === 1 }
  })
}

export const markOrderShipped: JobFunction = async (_event, hasuraEvent, options) => {
  const shipment = newRow('shipments', hasuraEvent)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE orders SET status = 'shipped', updated_at = now(), updated_by = $2 WHERE id = $1 AND status = 'paid'`,
      [shipment.order_id, updatedBy],
    )
    return { orderId: shipment.order_id, shipped: rowCount === 1 }
  })
}

export const cancelUnpaidOrder: JobFunction = async (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  console.warn(`order ${payment.order_id} is cancelled: ${payment.failure_reason}`)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE orders SET status = 'cancelled', cancel_reason = 'payment declined', updated_at = now(), updated_by = $2
       WHERE id = $1 AND status = 'placed'`,
      [payment.order_id, updatedBy],
    )
    return { orderId: payment.order_id, cancelled: rowCount === 1 }
  })
}
