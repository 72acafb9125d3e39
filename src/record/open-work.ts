import { AsyncLocalStorage } from 'node:async_hooks'
import { createAttachment } from '../attachment.ts'
import type { Correlation } from '../correlation/extract.ts'
import { cleanText } from './clean-text.ts'
import type { OpenEvent } from './open-event.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { OpenJob } from './open-job.ts'
import { type CurrentWork, eventOf } from './work.ts'

/** What hangs on a payload object. */
export interface OnPayload {
  /** Read before its next invocation starts. */
  correlation: Correlation | null
  /** The last one that it started. */
  invocation: OpenInvocation | null
}

/**
 * Finds the work that a hook is about. Open work hangs on the payload object, never on names or correlation ids: two
 * invocations may share a correlation id, and two jobs a name. Where that does not tell, the work that was entered does: it
 * knows better than the payload where a host gives one object to two invocations at once.
 */
export class OpenWork {
  readonly #payloads = createAttachment<OnPayload>()
  readonly #entered = new AsyncLocalStorage<CurrentWork>()

  /** For whoever opens work. */
  onPayload(payload: object): OnPayload {
    let known = this.#payloads.get(payload)
    if (known === undefined) {
      known = { correlation: null, invocation: null }
      this.#payloads.set(payload, known)
    }
    return known
  }

  /** From here on the caller's own asynchronous frame, and what it calls, belongs to this work. */
  enter(work: CurrentWork): void {
    this.#entered.enterWith(work)
  }

  /** The work that the caller runs in. */
  get here(): CurrentWork | undefined {
    return this.#entered.getStore()
  }

  invocation(payload: object): OpenInvocation | undefined {
    const here = this.here?.invocation
    return here?.payload === payload ? here : (this.#payloads.get(payload)?.invocation ?? undefined)
  }

  event(eventName: string, payload: object): OpenEvent | null {
    const here = eventOf(this.here)
    if (here?.name === eventName && here.invocation.payload === payload) return here
    const open = this.invocation(payload)
    if (!open) return null
    const name = String(eventName)
    // The last of its name: two modules may share one.
    for (let index = open.events.length - 1; index >= 0; index--) {
      const event = open.events[index] as OpenEvent
      if (event.name === name) return event
    }
    return null
  }

  /** The event whose detector runs here. */
  detectionHere(): OpenEvent | undefined {
    const work = this.here
    return work?.table === 'event_executions' && work.detectionEndedUs === 0 ? work : undefined
  }

  /** `options` is the object that the job got, from hosts that give it. */
  job(event: OpenEvent, jobName: string, options: unknown): OpenJob | null {
    const name = cleanText(jobName)
    let first: OpenJob | null = null
    let isAlone = true
    for (const job of event.jobs) {
      if (job.options === options) return job
      if (job.name !== name) continue
      if (first === null) first = job
      else isAlone = false
    }
    const { here } = this
    // Without a store it is the one that started while it was alone with its name.
    return !isAlone && here?.table === 'job_executions' && here.name === name && event.jobs.includes(here)
      ? here
      : first
  }
}
