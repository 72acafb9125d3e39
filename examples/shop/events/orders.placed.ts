import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { sendOrderConfirmation } from '../jobs/notices.ts'
import { createPayment } from '../jobs/payments.ts'
import { reserveStock } from '../jobs/stock.ts'
import { inserted } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => inserted('orders', hasuraEvent)?.status === 'placed'

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(reserveStock), job(createPayment), job(sendOrderConfirmation)])
