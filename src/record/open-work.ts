import { AsyncLocalStorage } from 'node:async_hooks'
import { createAttachment } from '../attachment.ts'
import { cleanText } from './clean-text.ts'
import type { OpenEvent } from './open-event.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { OpenJob } from './open-job.ts'
import { type CurrentWork, eventOf } from './work.ts'

/**
 * Finds the work that a hook is about. Open work hangs on the payload object, never on names or correlation ids: two
 * invocations may share a correlation id, and two jobs a name. Where that does not tell, the work that was entered does: it
 * knows better than the payload where a host gives one object to two invocations at once.
 */
export class OpenWork {
  readonly #invocations = createAttachment<OpenInvocation>()
  readonly #entered = new AsyncLocalStorage<CurrentWork>()

  open(invocation: OpenInvocation): void {
    this.#invocations.set(invocation.payload, invocation)
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
    return here?.payload === payload ? here : this.#invocations.get(payload)
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
    for (const job of event.jobs) if (job.options === options) return job
    const name = cleanText(jobName)
    const named = event.jobs.filter(job => job.name === name)
    if (named.length <= 1) return named[0] ?? null
    const work = this.here
    // Without a store it is the one that started while it was alone with its name.
    return named.find(job => job === work) ?? named[0] ?? null
  }
}
