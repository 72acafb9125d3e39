import { formatTrackingToken, parseTrackingToken } from './tracking-token.ts'

/** The parts of a payload that the detector adds and a token needs. */
export interface CorrelatedPayload {
  __correlationId?: unknown
}

/** The parts of a job's options that the observability plugin fills before the job runs. */
export interface TokenJobOptions {
  jobExecutionId?: unknown
  sourceTrackingToken?: unknown
  correlationId?: unknown
}

/**
 * The tracking token for a job's own writes: put it into `updated_by` of each row the job changes, and the invocations
 * those changes fire appear below the job in the chain.
 *
 * The source stays that of the token the payload came with, else it is `fallbackSource`. Without the observability
 * plugin there is no job execution id, and the token carries the correlation id only. Throws TRACKING_TOKEN_INVALID when
 * there is no correlation id: the payload then did not pass through `listenTo`.
 */
export function trackingToken(
  payload: CorrelatedPayload,
  options: TokenJobOptions = {},
  fallbackSource = 'system',
): string {
  const incoming = parseTrackingToken(options.sourceTrackingToken)
  const correlationId = incoming?.correlationId ?? payload.__correlationId ?? options.correlationId
  return formatTrackingToken({
    source: incoming && incoming.source !== 'unknown' ? incoming.source : fallbackSource,
    correlationId: typeof correlationId === 'string' ? correlationId : '',
    ...(typeof options.jobExecutionId === 'string' ? { jobExecutionId: options.jobExecutionId } : {}),
  })
}
