import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { notDetected } from '../../../src/record/not-detected.ts'
import { sendOrderConfirmation } from '../jobs/notices.ts'
import { createPayment } from '../jobs/payments.ts'
import { reserveStock } from '../jobs/stock.ts'
import { inserted } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const order = inserted('orders', hasuraEvent)
  if (!order) return notDetected('not a new order')
  return order.status === 'placed' || notDetected('inserted with another status', { status: order.status })
}

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(reserveStock), job(createPayment), job(sendOrderConfirmation)])
