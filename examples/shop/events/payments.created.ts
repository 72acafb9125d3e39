import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { capturePayment } from '../jobs/payments.ts'
import { inserted } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) =>
  inserted('payments', hasuraEvent)?.status === 'pending'

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(capturePayment)])
