import { uuidv7 } from '../../../src/correlation/uuid.ts'
import type { HasuraEventPayload, JobFunction, JobRunOptions } from '../../../src/detector/detector.ts'
import { sendEmail } from '../outside-world.ts'
import { newRow } from '../row-change.ts'
import { changeRows } from '../shop.ts'

export const sendOrderConfirmation: JobFunction = (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  return queueNotice(hasuraEvent, options, order.id, 'order-confirmation', 'We have your order')
}

export const sendReceipt: JobFunction = (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  return queueNotice(hasuraEvent, options, payment.order_id, 'receipt', `Receipt for ${euros(payment.amount_cents)}`)
}

export const sendPaymentProblemNotice: JobFunction = (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  return queueNotice(hasuraEvent, options, payment.order_id, 'payment-problem', 'Your payment did not go through')
}

export const sendRefundNotice: JobFunction = (_event, hasuraEvent, options) => {
  const payment = newRow('payments', hasuraEvent)
  const subject = `${euros(payment.amount_cents)} are on their way back to you`
  return queueNotice(hasuraEvent, options, payment.order_id, 'refund', subject)
}

export const sendDispatchNotice: JobFunction = (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  return queueNotice(hasuraEvent, options, order.id, 'dispatch', 'Your parcel is on its way')
}

export const deliverNotification: JobFunction = async (_event, hasuraEvent, options) => {
  const { id, kind, recipient, subject } = newRow('notifications', hasuraEvent)
  await sendEmail(recipient, subject)
  await changeRows(hasuraEvent, options, ({ query, updatedBy }) =>
    query(
      `UPDATE notifications SET status = 'sent', sent_at = now(), updated_at = now(), updated_by = $2
       WHERE id = $1 AND status = 'queued'`,
      [id, updatedBy],
    ),
  )
  return { kind }
}

async function queueNotice(
  hasuraEvent: HasuraEventPayload,
  options: JobRunOptions,
  orderId: string,
  kind: string,
  subject: string,
): Promise<{ kind: string; queued: boolean }> {
  const id = uuidv7()
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `INSERT INTO notifications (id, order_id, kind, recipient, subject, status, updated_by)
       SELECT $2, orders.id, $3, customers.email, $4, 'queued', $5
       FROM orders JOIN customers ON customers.id = orders.customer_id WHERE orders.id = $1
       ON CONFLICT DO NOTHING`,
      [orderId, id, kind, subject, updatedBy],
    )
    return { kind, queued: rowCount === 1 }
  })
}

function euros(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`
}
