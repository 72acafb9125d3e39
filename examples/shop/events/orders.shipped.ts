import { type DetectorFunction, type HandlerFunction, job, run } from '../../../src/detector/detector.ts'
import { sendDispatchNotice } from '../jobs/notices.ts'
import { statusBecame } from '../row-change.ts'

export const detector: DetectorFunction = (_event, hasuraEvent) => statusBecame('orders', 'shipped', hasuraEvent)

export const handler: HandlerFunction = (event, hasuraEvent) => run(event, hasuraEvent, [job(sendDispatchNotice)])
