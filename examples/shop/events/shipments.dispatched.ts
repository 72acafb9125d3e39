import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { markOrderShipped } from '../jobs/orders.ts'
import { removeFromStock } from '../jobs/stock.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('shipments', 'dispatched', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(markOrderShipped), job(removeFromStock)])
