import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { createShipment } from '../jobs/shipping.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('orders', 'paid', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(createShipment)])
