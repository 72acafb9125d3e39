import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { dispatchShipment } from '../jobs/shipping.ts'
import { updated } from '../row-change.ts'

// The label and the carrier come from two jobs, in either order; whichever is second makes the parcel ready.
export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const change = updated('shipments', hasuraEvent)
  if (change?.after.status !== 'pending') return false
  const isReady = ({ label_url, carrier }: typeof change.after): boolean => label_url !== null && carrier !== null
  return isReady(change.after) && !isReady(change.before)
}

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(dispatchShipment)])
