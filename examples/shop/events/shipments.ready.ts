import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { notDetected } from '../../../src/record/not-detected.ts'
import { dispatchShipment } from '../jobs/shipping.ts'
import { updated } from '../row-change.ts'

// The label and the carrier come from two jobs, in either order; whichever is second makes the parcel ready.
export const detector: DetectorFunction = (_event, hasuraEvent) => {
  const change = updated('shipments', hasuraEvent)
  if (!change) return notDetected('not an update of shipments')
  const { status, label_url, carrier } = change.after
  if (status !== 'pending') return notDetected('no longer pending', { status })
  const isReady = ({ label_url, carrier }: typeof change.after): boolean => label_url !== null && carrier !== null
  if (!isReady(change.after)) return notDetected('label or carrier is missing', { label_url, carrier })
  return !isReady(change.before) || notDetected('was ready before')
}

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(dispatchShipment)])
