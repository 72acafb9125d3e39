import type { Correlation } from '../correlation/extract.ts'
import { readReplayOf } from '../correlation/replay.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { type CorrelationOrigin, correlationOrigin, sourceJobOf, tokenFor } from './correlation-origin.ts'
import { givenFunctionName, type InvocationOptions } from './source.ts'
import { type TakenPayload, takePayload } from './taken-payload.ts'
import type { CapturedJson, ValueCapture } from './value-capture.ts'

/** What the host, and its own extraction plugin, put on a payload. */
interface HostPayload {
  __context?: unknown
  __correlationId?: unknown
  __sourceJobId?: unknown
}

/**
 * What is known of an invocation when it starts, and does not change any more: taken from a payload and its options, which both may
 * change as soon as the hook returns. What follows from that is found out when somebody asks, after the hook.
 */
export class InvocationStart {
  /** Chosen by the caller, in lower case; null for one of our own. */
  readonly givenId: string | null
  readonly instanceId: string
  readonly correlation: Correlation
  readonly sourceJobId: string | null
  readonly replayOf: string | null
  readonly payload: TakenPayload
  readonly context: CapturedJson
  readonly autoLoadModules: boolean
  readonly modulesDirectory: string | null
  readonly #givenCorrelationId: unknown
  readonly #givenJobId: unknown
  readonly #askedCorrelationId: unknown
  readonly #askedToken: unknown
  #correlationId: string | null = null
  #origin: CorrelationOrigin | null = null
  #trackingToken: string | null | undefined

  constructor(
    payload: object,
    options: InvocationOptions,
    correlation: Correlation,
    values: ValueCapture,
    instanceId: string,
    captureHasuraPayload: boolean,
  ) {
    const { __correlationId, __context, __sourceJobId } = payload as HostPayload
    const { invocationId, eventModulesDirectory: directory } = options
    this.givenId = isUuid(invocationId) ? invocationId.toLowerCase() : null
    this.instanceId = instanceId
    this.correlation = correlation
    this.sourceJobId = sourceJobOf(correlation, __sourceJobId)
    this.replayOf = readReplayOf(payload)
    this.payload = takePayload(payload, givenFunctionName(options), values, captureHasuraPayload)
    this.context = values.later(__context ?? options.context, 'context')
    this.autoLoadModules = options.autoLoadEventModules !== false
    this.modulesDirectory = typeof directory === 'string' ? directory : null
    this.#givenCorrelationId = __correlationId
    this.#givenJobId = __sourceJobId
    this.#askedCorrelationId = options.correlationId
    this.#askedToken = options.sourceTrackingToken
  }

  get correlationId(): string {
    if (this.#correlationId === null) {
      const given = this.#givenCorrelationId
      this.#correlationId = isUuid(given) ? given.toLowerCase() : (this.correlation.correlationId ?? uuidv7())
    }
    return this.#correlationId
  }

  get origin(): CorrelationOrigin {
    this.#origin ??= correlationOrigin(this.correlation, this.correlationId, {
      correlationId: this.#askedCorrelationId,
      token: this.#askedToken,
      jobId: this.#givenJobId,
    })
    return this.#origin
  }

  /** The token that came with the change, for jobs to carry on. */
  get trackingToken(): string | null {
    if (this.#trackingToken === undefined) {
      const tokens = [this.correlation.trackingToken, this.#askedToken].filter(token => typeof token === 'string')
      this.#trackingToken = tokens.length === 0 ? null : tokenFor(this.correlationId, ...tokens)
    }
    return this.#trackingToken
  }
}
