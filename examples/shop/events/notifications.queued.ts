import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { deliverNotification } from '../jobs/notices.ts'
import { inserted } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) =>
  inserted('notifications', hasuraEvent)?.status === 'queued'

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(deliverNotification)])
