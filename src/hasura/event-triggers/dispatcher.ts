import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionError } from '../../db/connection-errors.ts'
import { listen } from '../../db/listen.ts'
import type { Pool } from '../../db/pool.ts'
import { messageOf } from '../../errors.ts'
import { type Logger, silentLogger } from '../../log.ts'
import { HOUR, SECOND } from '../../units.ts'
import type { HasuraMetadata, MetadataEventTrigger } from '../metadata.ts'
import {
  countPendingEvents,
  deleteFinishedEvents,
  dispatcherName,
  type LeasedEvent,
  leaseDueEvents,
  type Outcome,
  releaseAbandonedLeases,
  releaseLeases,
  releaseUnknownLeases,
  writeOutcomes,
} from './event-log.ts'
import { type Answer, createAgents, destroyAgents, post } from './post.ts'
import { DELIVERY_CHANNEL } from './schema.ts'
import { type DeliveryTarget, deliveryTargets } from './targets.ts'
import { traceparentOf, webhookBody } from './webhook-body.ts'

export interface EventDispatcherOptions {
  pool: Pool
  /** Of the same database, for a connection of its own that listens for changes. */
  connectionString: string
  metadata: HasuraMetadata
  sourceName: string
  /** Values for `webhook_from_env`, `value_from_env` and `{{NAME}}` in a webhook. @default {} */
  environment?: Readonly<Record<string, string | undefined>>
  /** A webhook that takes the place of the metadata's; undefined leaves the metadata's. */
  resolveWebhook?: (trigger: MetadataEventTrigger) => string | undefined
  logger?: Logger
  /** Most deliveries at the same time. @default 100 */
  maxInFlight?: number
  /** How often to look for due events when no notification came, in milliseconds. @default 1000 */
  pollIntervalMs?: number
  /**
   * How long after its timeout a delivery is taken to be lost with its dispatcher and made again, in milliseconds.
   * @default 10000
   */
  leaseGraceMs?: number
  /** Longest `stop()` waits for deliveries in flight, in milliseconds. @default 2000 */
  stopTimeoutMs?: number
  /** Days that finished events are kept. @default 7 */
  retentionDays?: number
}

export interface EventDispatcher {
  /** Begins to deliver. Throws METADATA_INVALID when a webhook or header cannot be resolved. */
  start(): Promise<void>
  /** Waits for deliveries in flight (bounded), hands the others back, and delivers no more. */
  stop(): Promise<void>
  /** Resolves when nothing waits to be delivered or retried; rejects after the given time. @default 30000 */
  idle(timeoutMs?: number): Promise<void>
}

// Names Hasura first, because receivers tell deliveries by it, and us, because it is us.
const USER_AGENT = 'hasura-graphql-engine/v2 (compatible; hasura-event-detector-observability)'

/**
 * Delivers recorded row changes to the webhooks of the metadata's event triggers as Hasura does: at least once, in
 * roughly the order of the changes, with retries. Any number of dispatchers may work on one database.
 */
export function createEventDispatcher(options: EventDispatcherOptions): EventDispatcher {
  const { pool, sourceName } = options
  const logger = options.logger ?? silentLogger
  const maxInFlight = options.maxInFlight ?? 100
  const leaseGraceMs = options.leaseGraceMs ?? 10 * SECOND
  const dispatcherId = randomUUID()
  const agents = createAgents(maxInFlight)

  let targets: ReadonlyMap<string, DeliveryTarget> = new Map()
  let leaseSeconds: ReadonlyMap<string, number> = new Map()
  let listener: { close(): Promise<void> } | undefined
  let pollTimer: NodeJS.Timeout | undefined
  let cleanUpTimer: NodeJS.Timeout | undefined
  let stopping = false

  /** Requests on their way. */
  const inFlight = new Map<string, { controller: AbortController; done: Promise<void> }>()
  /** Outcomes the database does not know yet. While it is away they wait here, and nothing is delivered twice. */
  const outcomes: Outcome[] = []
  /** Every event taken whose outcome is not written: in flight, in `outcomes`, or being written right now. */
  const held = new Set<string>()

  /** Set when a lease may have been taken without our knowing: its answer was lost with the connection. */
  let leaseUnsure = false

  let working: Promise<void> | undefined
  let workAgain = false
  let troubleSince: number | undefined

  /** Writes what ended and takes what is due. One call works at a time; calls meanwhile make it go round again. */
  function wake(): void {
    workAgain = true
    working ??= work().finally(() => {
      working = undefined
      // Called after the last look at workAgain, before this line.
      if (workAgain) wake()
    })
  }

  async function work(): Promise<void> {
    while (workAgain) {
      workAgain = false
      try {
        await settleOutcomes()
        if (!stopping) await takeDueEvents()
        endTrouble()
      } catch (error) {
        // The next poll tries again; until then a wake-up by a finished delivery may.
        reportTrouble(error)
      }
    }
  }

  async function settleOutcomes(): Promise<void> {
    const batch = outcomes.splice(0)
    if (batch.length === 0) return
    try {
      await writeOutcomes(pool, dispatcherId, batch)
    } catch (error) {
      if (isConnectionError(error)) {
        outcomes.unshift(...batch)
        throw error
      }
      // Would fail again and block every later outcome. These events come back when their lease ends.
      for (const outcome of batch) held.delete(outcome.eventId)
      throw error
    }
    for (const outcome of batch) held.delete(outcome.eventId)
  }

  async function takeDueEvents(): Promise<void> {
    const room = maxInFlight - inFlight.size
    if (room <= 0) return // The next delivery that ends wakes us.
    if (leaseUnsure) await releaseUnknownLeases(pool, dispatcherId, [...held])
    leaseUnsure = true
    const events = await leaseDueEvents(pool, {
      sourceName,
      leasedBy: dispatcherId,
      leaseSeconds,
      limit: room,
      heldIds: [...held],
    })
    leaseUnsure = false
    for (const event of events) {
      held.add(event.id)
      startDelivery(event)
    }
    if (events.length === room) workAgain = true
  }

  function startDelivery(event: LeasedEvent): void {
    const controller = new AbortController()
    const done = deliver(event, controller.signal)
      .then(outcome => {
        if (outcome) outcomes.push(outcome)
      })
      .finally(() => {
        inFlight.delete(event.id)
        wake()
      })
    inFlight.set(event.id, { controller, done })
  }

  async function deliver(event: LeasedEvent, signal: AbortSignal): Promise<Outcome | null> {
    const target = targets.get(event.triggerName)
    if (!target) return null // Cannot be: only events of known triggers are fetched.
    const startedAt = new Date()
    const traceparent = traceparentOf(event.traceContext)
    const answer = await post({
      url: target.url,
      headers: {
        'user-agent': USER_AGENT,
        ...(traceparent ? { traceparent } : {}),
        ...target.headers,
        'content-type': 'application/json',
      },
      body: webhookBody(event, target.maxRetries),
      timeoutMs: target.timeoutSeconds * SECOND,
      agents,
      signal,
    })
    return signal.aborted ? null : toOutcome(event, target, answer, startedAt, new Date())
  }

  function reportTrouble(error: unknown): void {
    if (troubleSince !== undefined) return
    troubleSince = Date.now()
    if (isConnectionError(error)) {
      logger.warn(
        { reason: messageOf(error) },
        'event delivery: the database is away; deliveries go on when it is back',
      )
    } else {
      logger.error({ err: error }, 'event delivery: a statement failed; it is tried again every second')
    }
  }

  // Polling goes on; if the database is away too, the poll says so. In either case listening resumes by itself.
  function listenerLost(error: Error): void {
    logger.debug({ reason: messageOf(error) }, 'event delivery: the listening connection was lost')
    wake()
  }

  function endTrouble(): void {
    if (troubleSince === undefined) return
    logger.info({ seconds: Math.round((Date.now() - troubleSince) / SECOND) }, 'event delivery: the database is back')
    troubleSince = undefined
  }

  function cleanUp(): void {
    deleteFinishedEvents(pool, sourceName, options.retentionDays ?? 7).catch((error: unknown) => {
      // Nothing is lost by deleting later.
      logger.debug({ reason: messageOf(error) }, 'event delivery: finished events were not deleted')
    })
  }

  async function settled(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs
    while (inFlight.size > 0) {
      const left = deadline - Date.now()
      if (left <= 0) return false
      await Promise.race([
        Promise.all([...inFlight.values()].map(({ done }) => done)),
        sleep(left, undefined, { ref: false }),
      ])
    }
    return true
  }

  return {
    async start() {
      const { metadata, resolveWebhook, environment = {} } = options
      targets = deliveryTargets({ metadata, sourceName, environment, resolveWebhook })
      leaseSeconds = new Map(
        [...targets].map(([name, target]) => [name, target.timeoutSeconds + leaseGraceMs / SECOND]),
      )
      listener = await listen({
        connectionString: options.connectionString,
        channel: DELIVERY_CHANNEL,
        applicationName: dispatcherName(dispatcherId),
        onNotify: wake,
        onError: listenerLost,
      })
      await releaseAbandonedLeases(pool, sourceName)
      pollTimer = setInterval(wake, options.pollIntervalMs ?? 1 * SECOND)
      cleanUpTimer = setInterval(cleanUp, 1 * HOUR)
      cleanUpTimer.unref()
      cleanUp()
      wake()
    },

    async stop() {
      if (stopping) return
      stopping = true
      clearInterval(cleanUpTimer)
      const unheard = Promise.race([listener?.close(), sleep(1 * SECOND, undefined, { ref: false })])
      await Promise.all([unheard, settled(options.stopTimeoutMs ?? 2 * SECOND)])
      clearInterval(pollTimer)
      const unfinished = [...inFlight.keys()]
      for (const { controller } of inFlight.values()) controller.abort()
      await settled(1 * SECOND)
      // Whatever cannot be written within this time is delivered again when its lease ends.
      await Promise.race([finish(unfinished), sleep(1 * SECOND, undefined, { ref: false })])
      destroyAgents(agents)
    },

    async idle(timeoutMs = 30 * SECOND) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const pending = await countPendingEvents(pool, sourceName)
        if (pending === 0 && held.size === 0) return
        if (Date.now() > deadline) throw new Error(`${pending} events are still not delivered after ${timeoutMs} ms`)
        await sleep(20)
      }
    },
  }

  async function finish(unfinished: string[]): Promise<void> {
    try {
      await working
      await settleOutcomes()
      if (unfinished.length > 0) await releaseLeases(pool, dispatcherId, unfinished)
    } catch (error) {
      reportTrouble(error)
    }
  }
}

function toOutcome(
  event: LeasedEvent,
  target: DeliveryTarget,
  answer: Answer,
  startedAt: Date,
  endedAt: Date,
): Outcome {
  const delivered = answer.status !== null && answer.status >= 200 && answer.status < 300
  return {
    attemptId: randomUUID(),
    eventId: event.id,
    retry: event.tries,
    status: answer.status,
    error: answer.error,
    response: answer.response,
    startedAt: startedAt.toISOString(),
    durationMs: endedAt.getTime() - startedAt.getTime(),
    delivered,
    retryInSeconds: delivered ? null : retryInSeconds(event, target, answer),
  }
}

// Like Hasura, a Retry-After is followed even when no retries are left.
function retryInSeconds(event: LeasedEvent, target: DeliveryTarget, answer: Answer): number | null {
  if (answer.retryAfterSeconds !== null) return answer.retryAfterSeconds
  return event.tries < target.maxRetries ? target.retryIntervalSeconds : null
}
