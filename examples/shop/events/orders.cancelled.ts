import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { refundPayment } from '../jobs/payments.ts'
import { cancelShipment } from '../jobs/shipping.ts'
import { releaseStock } from '../jobs/stock.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('orders', 'cancelled', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(releaseStock), job(refundPayment), job(cancelShipment)])
