import { AsyncLocalStorage } from 'node:async_hooks'
import type { ReplaySettings } from '../../config/replay.ts'
import { dryRun, type Verdict } from '../../detector/detector.ts'
import { messageOf } from '../../errors.ts'
import { networkReason } from '../../hasura/hasura-api.ts'
import { onNotDetected } from '../../record/not-detected.ts'
import { MINUTE } from '../../units.ts'
import { HttpError } from '../http-error.ts'

/** What a detector says in a dry run, with the reason it gave for saying no. */
export interface AskedVerdict extends Verdict {
  reason: string | null
}

/** Where payloads are sent again. */
export interface ReplayTarget {
  /** In this process, or elsewhere. */
  readonly kind: 'process' | 'webhook'
  /** Shown to people before they send something there. Holds no secret. */
  readonly name: string
  /** Asks detectors only; null where that cannot be done. */
  readonly ask: ((payload: object) => Promise<AskedVerdict[]>) | null
  /** Resolves when the detector has ended. Rejects with REPLAY_FAILED. */
  send(payload: object, replayOf: string): Promise<void>
  /** Why an invocation cannot be repeated here; null when it can. */
  refuses(invocation: { eventModulesDirectory: string | null }): string | null
}

export interface ProcessTarget {
  eventModulesDirectory: string
  detect: (payload: object) => Promise<unknown>
}

/** The detector of this process: it has the modules at hand, so it can ask them without their handlers. */
export function processTarget({ eventModulesDirectory, detect }: ProcessTarget): ReplayTarget {
  const reasons = new AsyncLocalStorage<{ reason: string | null }>()
  return {
    kind: 'process',
    name: 'the detector of this server',
    async ask(payload) {
      const said = new Map<string, { reason: string | null }>()
      const stop = onNotDetected(reason => {
        const here = reasons.getStore()
        if (here) here.reason = String(reason)
      })
      try {
        const verdicts = await dryRun(payload, {
          eventModulesDirectory,
          around(name, call) {
            const here = { reason: null }
            said.set(name, here)
            return reasons.run(here, call)
          },
        })
        return verdicts.map(verdict => ({
          ...verdict,
          reason: verdict.detected ? null : (said.get(verdict.name)?.reason ?? null),
        }))
      } finally {
        stop()
      }
    },
    async send(payload) {
      await detect(payload).catch(error => {
        throw new HttpError(502, 'REPLAY_FAILED', `the detector rejected it: ${messageOf(error)}`, { cause: error })
      })
    },
    refuses: invocation =>
      invocation.eventModulesDirectory === eventModulesDirectory
        ? null
        : 'its detector runs elsewhere: set REPLAY_WEBHOOK_URL to the address of its function',
  }
}

// As long as Hasura waits for a function by default.
const WEBHOOK_TIMEOUT_MS = MINUTE
const MAX_SHOWN_ANSWER = 300

/** A function elsewhere, which gets the payload as Hasura would post it, and a header that says what it is. */
export function webhookTarget({ webhookUrl, webhookHeaders }: ReplaySettings & { webhookUrl: string }): ReplayTarget {
  return {
    kind: 'webhook',
    name: new URL(webhookUrl).host,
    ask: null,
    refuses: () => null,
    async send(payload, replayOf) {
      const response = await fetch(addressOf(webhookUrl, payload), {
        method: 'POST',
        headers: { ...webhookHeaders, 'content-type': 'application/json', 'x-observability-replay-of': replayOf },
        body: JSON.stringify(payload),
        // The payload is for that address, and for nobody it points to.
        redirect: 'manual',
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      }).catch(error => {
        throw failed(`the function cannot be reached: ${networkReason(error)}`, error)
      })
      const answer = await response.text().catch(() => '')
      if (!response.ok) throw failed(`the function answered ${response.status}: ${answer.slice(0, MAX_SHOWN_ANSWER)}`)
    },
  }
}

function addressOf(template: string, payload: object): string {
  const name = (payload as { trigger?: { name?: unknown } }).trigger?.name
  const trigger = typeof name === 'string' ? name : ''
  // Such a name would lead to another folder of that address.
  if (template.includes('{trigger}') && /^\.{0,2}$/.test(trigger)) {
    throw failed(`trigger.name is "${trigger}", and REPLAY_WEBHOOK_URL needs a trigger's name`)
  }
  return template.replaceAll('{trigger}', encodeURIComponent(trigger))
}

const failed = (message: string, cause?: unknown) => new HttpError(502, 'REPLAY_FAILED', message, { cause })
