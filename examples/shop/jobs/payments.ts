import { uuidv7 } from '../../../src/correlation/uuid.ts'
import type { JobFunction } from '../../../src/detector/detector.ts'
import { CardDeclinedError, chargeCard, refundCharge } from '../outside-world.ts'
import { newRow } from '../row-change.ts'
import { changeRows } from '../shop.ts'

export const createPayment: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  const paymentId = uuidv7()
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `INSERT INTO payments (id, order_id, amount_cents, method, status, updated_by)
       SELECT $2, id, total_cents, payment_method, 'pending', $3 FROM orders WHERE id = $1 AND status = 'placed' FOR SHARE
       ON CONFLICT DO NOTHING`,
      [order.id, paymentId, updatedBy],
    )
    return { paymentId, created: rowCount === 1 }
  })
}

export const capturePayment: JobFunction = async (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  /** Settles a payment that is still pending; returns what the payment is then. */
  const settle = (status: 'captured' | 'declined', reference: string | null, reason: string | null): Promise<string> =>
    changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
      await query(
        `UPDATE payments SET status = $2, provider_reference = $3, failure_reason = $4, updated_at = now(), updated_by = $5
         WHERE id = $1 AND status = 'pending'`,
        [payment.id, status, reference, reason, updatedBy],
      )
      const { rows } = await query('SELECT status FROM payments WHERE id = $1', [payment.id])
      return rows[0].status
    })

  console.log(`charging ${payment.amount_cents} cents for order ${payment.order_id}`)
  try {
    const reference = await chargeCard(payment.id, payment.method, payment.amount_cents)
    const status = await settle('captured', reference, null)
    if (status === 'voided') {
      await refundCharge(reference)
      console.warn(`payment ${payment.id} was cancelled while the card was charged; the charge was given back`)
    }
    return { status, reference, amountCents: payment.amount_cents }
  } catch (error) {
    if (error instanceof CardDeclinedError) {
      console.error(`payment ${payment.id}: ${error.message}`)
      await settle('declined', null, error.message)
    }
    throw error
  }
}

export const refundPayment: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  const payment = await changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    // Not captured yet: the provider is never asked, or the job that is asking gives the money back.
    await query(
      `UPDATE payments SET status = 'voided', updated_at = now(), updated_by = $2 WHERE order_id = $1 AND status = 'pending'`,
      [order.id, updatedBy],
    )
    const { rows } = await query(
      'SELECT id, status, amount_cents, provider_reference FROM payments WHERE order_id = $1',
      [order.id],
    )
    return rows[0]
  })
  if (payment?.status !== 'captured') {
    console.log(`order ${order.number}: nothing to refund, the payment is ${payment?.status ?? 'not made'}`)
    return { refunded: false }
  }
  const reference = await refundCharge(payment.provider_reference)
  await changeRows(hasuraEvent, options, ({ query, updatedBy }) =>
    query(
      `UPDATE payments SET status = 'refunded', provider_reference = $2, updated_at = now(), updated_by = $3
       WHERE id = $1 AND status = 'captured'`,
      [payment.id, reference, updatedBy],
    ),
  )
  return { refunded: true, reference, amountCents: payment.amount_cents }
}
