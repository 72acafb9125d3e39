import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { receiveReplenishment } from '../jobs/stock.ts'
import { updated } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const change = updated('inventory', hasuraEvent)
  return change?.before.replenishment_requested_at === null && change.after.replenishment_requested_at !== null
}

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(receiveReplenishment)])
