import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { sendReceipt } from '../jobs/notices.ts'
import { markOrderPaid } from '../jobs/orders.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('payments', 'captured', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(markOrderPaid), job(sendReceipt)])
