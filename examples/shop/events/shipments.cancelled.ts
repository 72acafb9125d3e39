import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { cancelCarrierBooking } from '../jobs/shipping.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('shipments', 'cancelled', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(cancelCarrierBooking)])
