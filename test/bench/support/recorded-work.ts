import { DEFAULT_CORRELATION } from '../../../src/correlation/extract.ts'
import { uuidv7 } from '../../../src/correlation/uuid.ts'
import { createClock } from '../../../src/record/clock.ts'
import { Recorder } from '../../../src/record/recorder.ts'
import { Redactor } from '../../../src/record/redact.ts'
import type { Emitted } from '../../../src/record/work.ts'
import { rowChangeOf } from '../../../src/store/row-change.ts'
import type { StoreRecord } from '../../../src/store/store-record.ts'
import { orderPaid } from './hook-load.ts'

/** What the hooks of one invocation hand to the store, in their order: the same work again with each change. */
export type Handed = Emitted[]

/** Executions of one invocation: itself, 10 modules that are asked, of which 3 detect, and 5 jobs. */
export const EXECUTIONS = 16

const MODULES = 10
const EVENT_OF_JOB = [0, 1, 1, 2, 2]
const INSTANCE = uuidv7()

/**
 * Records invocations as an application's hooks do, with a payload of 1 KB: each of a delivery of its own, or without
 * `deliveries` of one whose id is not known, so that no row change is made of it.
 */
export function recordInvocations(count: number, deliveries = true): Handed[] {
  let handed: Handed = []
  const recorder = new Recorder(
    {
      captureJobOptions: true,
      captureHasuraPayload: true,
      captureErrorStacks: true,
      followWork: false,
      recordReads: false,
      correlation: DEFAULT_CORRELATION,
      limits: { maxBytes: 1e6, maxDepth: 20 },
      redactor: new Redactor(),
      maxLinesPerJob: 100,
      instanceId: () => INSTANCE,
    },
    work => handed.push(work),
    createClock(),
  )
  return Array.from({ length: count }, () => {
    handed = []
    recordOne(recorder, deliveries ? orderPaid() : { ...orderPaid(), id: undefined })
    return handed
  })
}

function recordOne(recorder: Recorder, payload: object): void {
  const result = { completed: true, result: { sent: true } }
  recorder.preConfigure(payload, {})
  recorder.startInvocation(payload, {})
  for (let n = 0; n < MODULES; n++) {
    const name = `orders.event-${n}`
    const jobs = EVENT_OF_JOB.flatMap((event, job) => (event === n ? [{ jobName: `job-${job}` }] : []))
    recorder.startDetection(name, payload)
    recorder.endDetection(name, jobs.length > 0, payload, 1)
    if (jobs.length === 0) continue
    recorder.startHandler(name, payload)
    for (const options of jobs) recorder.startJob(options.jobName, options, name, payload)
    for (const options of jobs) recorder.endJob(options.jobName, result, name, payload, 1, options)
    recorder.endHandler(name, payload, 1)
  }
  recorder.endInvocation(payload, {}, 1)
}

/** The rows of them, and with `changes` the row changes that the store writes besides. */
export function rowsOf(invocations: readonly Handed[], changes: boolean): StoreRecord[] {
  return invocations.flatMap(handed =>
    [...new Set(handed)].flatMap(work => {
      const record = { table: work.table, row: work.row } as StoreRecord
      const change = changes && record.table === 'invocations' ? rowChangeOf(record.row) : null
      return change === null ? [record] : [record, { table: 'events', row: change } as const]
    }),
  )
}
