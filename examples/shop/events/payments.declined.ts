import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { sendPaymentProblemNotice } from '../jobs/notices.ts'
import { cancelUnpaidOrder } from '../jobs/orders.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('payments', 'declined', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(cancelUnpaidOrder), job(sendPaymentProblemNotice)])
