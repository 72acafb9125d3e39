import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { bookCarrier, printLabel } from '../jobs/shipping.ts'
import { inserted } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) =>
  inserted('shipments', hasuraEvent)?.status === 'pending'

export const handler: HandlerFunction = (event, hasuraEvent) =>
  run(event, hasuraEvent, [job(printLabel), job(bookCarrier, { retries: 2, retryDelay: 250 })])
