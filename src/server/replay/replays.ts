import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { REPLAY_KEY } from '../../correlation/replay.ts'
import { quoteIdent } from '../../db/identifiers.ts'
import type { Pool } from '../../db/pool.ts'
import { messageOf } from '../../errors.ts'
import { parseHasuraEventPayload } from '../../hasura/event-payload.ts'
import type { Logger } from '../../log.ts'
import { findPayloadGaps } from '../../payload-gaps.ts'
import { SECOND } from '../../units.ts'
import { HttpError } from '../http-error.ts'
import { type ComparedVerdict, compareVerdicts, type RecordedVerdict } from './compare-verdicts.ts'
import type { ReplayTarget } from './targets.ts'

export interface ReplayRequest {
  invocationId: string
  /** Instead of the stored one; null: that. */
  payload: unknown
  /** Send it although parts of it were redacted or cut when it was recorded. */
  acceptIncomplete: boolean
}

export interface Replays {
  /** Asks the detectors only, and compares. */
  dryRun(request: ReplayRequest): Promise<ComparedVerdict[]>
  /** Resolves to the new invocation's id as soon as it is recorded, while it may still run. */
  run(request: ReplayRequest): Promise<string>
  /** Waits for what was sent, for at most 5 seconds. */
  idle(): Promise<void>
}

export interface ReplaysOptions {
  pool: Pool
  schema: string
  target: ReplayTarget
  logger: Logger
  /** How long a new invocation may take to be recorded, in milliseconds. @default 20000 */
  recordedWithinMs?: number
}

interface Stored {
  payload: unknown
  eventModulesDirectory: string | null
}

const LOOK_AGAIN_MS = 100
const IDLE_DEADLINE_MS = 5 * SECOND

/** Gives payloads that were recorded to the detector again. Rejects with PAYLOAD_INVALID or a REPLAY_ code. */
export function createReplays({
  pool,
  schema,
  target,
  logger,
  recordedWithinMs = 20 * SECOND,
}: ReplaysOptions): Replays {
  const tables = quoteIdent(schema)
  const running = new Set<Promise<void>>()

  async function read(id: string): Promise<Stored> {
    const { rows } = await pool.query<Stored>(
      `SELECT source_event_payload AS payload, event_modules_directory AS "eventModulesDirectory"
       FROM ${tables}.invocations WHERE id = $1`,
      [id],
    )
    if (rows[0] === undefined) throw new HttpError(404, 'REPLAY_NOT_FOUND', `no invocation has the id ${id}`)
    return rows[0]
  }

  async function readVerdicts(id: string): Promise<RecordedVerdict[]> {
    const { rows } = await pool.query<RecordedVerdict>(
      `SELECT event_name AS name, detected, status = 'detection_failed' AS failed,
         coalesce(detection_error, not_detected_reason) AS reason
       FROM ${tables}.event_executions WHERE invocation_id = $1`,
      [id],
    )
    return rows
  }

  /** The payload to send: with an event id of its own, and what it repeats. */
  async function prepare({ invocationId, payload: edited }: ReplayRequest): Promise<object> {
    const stored = await read(invocationId)
    const refusal = target.refuses(stored)
    if (refusal !== null) throw new HttpError(409, 'REPLAY_UNAVAILABLE', refusal)
    const payload = edited ?? stored.payload
    if (payload === null) {
      const message = 'the payload of this invocation was not recorded (captureHasuraPayload): send one along'
      throw new HttpError(404, 'REPLAY_NOT_FOUND', message)
    }
    return { ...parseHasuraEventPayload(payload), id: randomUUID(), [REPLAY_KEY]: invocationId }
  }

  async function findRecorded(eventId: string, replayOf: string): Promise<string | null> {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM ${tables}.invocations WHERE source_event_id = $1 AND replay_of = $2`,
      [eventId, replayOf],
    )
    return rows[0]?.id ?? null
  }

  return {
    async dryRun(request) {
      const payload = await prepare(request)
      if (target.ask === null) {
        const message = 'a function elsewhere cannot be asked without its handlers: there is no dry run'
        throw new HttpError(409, 'REPLAY_UNAVAILABLE', message)
      }
      const [asked, recorded] = await Promise.all([target.ask(payload), readVerdicts(request.invocationId)])
      return compareVerdicts(recorded, asked)
    },

    async run(request) {
      const payload = (await prepare(request)) as { id: string }
      const gaps = findPayloadGaps(payload)
      if (gaps.length > 0 && !request.acceptIncomplete) {
        const places = gaps.map(({ path, kind }) => `${path} was ${kind}`).join(', ')
        throw new HttpError(422, 'REPLAY_PAYLOAD_INCOMPLETE', `parts of the payload are missing: ${places}`)
      }
      let failure: unknown
      const sending = target
        .send(payload, request.invocationId)
        .catch(error => {
          failure = error
          logger.warn({ replayOf: request.invocationId, error: messageOf(error) }, 'a replay failed')
        })
        .finally(() => running.delete(sending))
      running.add(sending)
      const deadline = Date.now() + recordedWithinMs
      for (;;) {
        const id = await findRecorded(payload.id, request.invocationId)
        if (id !== null) return id
        if (failure !== undefined) throw failure
        if (Date.now() > deadline) break
        await delay(LOOK_AGAIN_MS)
      }
      const message = `sent as event ${payload.id}, but no invocation of it was recorded within ${recordedWithinMs / SECOND} s`
      throw new HttpError(504, 'REPLAY_NOT_RECORDED', message)
    },

    async idle() {
      await Promise.race([Promise.all(running), delay(IDLE_DEADLINE_MS, undefined, { ref: false })])
    },
  }
}
