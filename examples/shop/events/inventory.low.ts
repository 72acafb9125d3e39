import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { requestReplenishment } from '../jobs/stock.ts'
import { updated } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const change = updated('inventory', hasuraEvent)
  if (!change || change.after.replenishment_requested_at !== null) return false
  const available = ({ on_hand, reserved }: typeof change.after): number => on_hand - reserved
  return available(change.after) < available(change.before) && available(change.after) <= change.after.reorder_point
}

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(requestReplenishment)])
