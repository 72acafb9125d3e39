import { randomUUID } from 'node:crypto'
import { DEFAULT_CORRELATION } from '../../../src/correlation/extract.ts'
import { uuidv7 } from '../../../src/correlation/uuid.ts'
import { DEFAULT_CAPTURE_LIMITS } from '../../../src/record/capture.ts'
import { createClock } from '../../../src/record/clock.ts'
import { OpenInvocation } from '../../../src/record/open-invocation.ts'
import { Recorder } from '../../../src/record/recorder.ts'
import { Redactor } from '../../../src/record/redact.ts'
import type { Emitted } from '../../../src/record/work.ts'

export interface ToInvoke {
  jobs: { name: string; result?: unknown; error?: Error; options?: object }[]
  eventName?: string
  /** Hasura's id of the delivery. @default a new one */
  delivery?: string
  /** A value of the row that was changed. @default 'ü' */
  note?: unknown
  /** Before the handler ends, with what the detector tells of errors. */
  during?: (detail: { eventName: string; hasuraEvent: object }) => void
}

/** A recorder, and a host that calls its hooks for invocations with one event that fires. */
export function recorderTo(emit: (work: Emitted) => void) {
  let last: OpenInvocation | null = null
  const recorder = new Recorder(
    {
      captureJobOptions: true,
      captureHasuraPayload: true,
      captureErrorStacks: true,
      followWork: false,
      recordReads: false,
      correlation: DEFAULT_CORRELATION,
      limits: DEFAULT_CAPTURE_LIMITS,
      redactor: new Redactor(),
      maxLinesPerJob: 10,
      instanceId: uuidv7,
    },
    work => {
      if (work instanceof OpenInvocation) last = work
      emit(work)
    },
    createClock(),
  )

  /** Up to the handler. */
  function start(eventName = 'event', delivery: string = randomUUID(), note: unknown = 'ü'): OpenInvocation {
    const row = { id: 1, note }
    const payload = {
      id: delivery,
      created_at: '2026-11-21T10:20:30.123456',
      table: { schema: 'public', name: 'orders' },
      trigger: { name: 'orders' },
      event: { op: 'UPDATE', data: { old: { ...row, note: 'u' }, new: row }, session_variables: {} },
    }
    recorder.preConfigure(payload, {})
    recorder.startInvocation(payload, {})
    recorder.startDetection(eventName, payload)
    recorder.endDetection(eventName, true, payload, 1)
    recorder.startHandler(eventName, payload)
    return last as OpenInvocation
  }

  function invoke({ jobs, eventName = 'event', delivery, note, during }: ToInvoke): OpenInvocation {
    const invocation = start(eventName, delivery, note)
    const { payload } = invocation
    for (const { name, result, error, options = {} } of jobs) {
      recorder.startJob(name, options, eventName, payload)
      recorder.endJob(name, { completed: !error, result, error }, eventName, payload, 3, options)
    }
    during?.({ eventName, hasuraEvent: payload })
    recorder.endHandler(eventName, payload, 4)
    recorder.endInvocation(payload, {}, 5)
    return invocation
  }

  return { recorder, start, invoke }
}
