import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { notDetected } from '../../../src/record/not-detected.ts'
import { requestReplenishment } from '../jobs/stock.ts'
import { updated } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const change = updated('inventory', hasuraEvent)
  if (!change) return notDetected('not an update of inventory')
  const { reorder_point, replenishment_requested_at } = change.after
  if (replenishment_requested_at !== null) return notDetected('already requested', { replenishment_requested_at })
  const available = ({ on_hand, reserved }: typeof change.after): number => on_hand - reserved
  const [before, after] = [available(change.before), available(change.after)]
  if (after >= before) return notDetected('no less is available than before', { before, after })
  return after <= reorder_point || notDetected('still above the reorder point', { available: after, reorder_point })
}

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(requestReplenishment)])
