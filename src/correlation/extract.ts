import { parseSpanId, parseTraceId } from './trace-ids.ts'
import { parseTrackingToken } from './tracking-token.ts'
import { isUuid } from './uuid.ts'

/** Where a correlation id came from; stored as `correlation_source`. */
export type CorrelationSource = 'updated_by' | 'session' | 'caller' | 'generated'

/** What a payload says about its own cause. */
export interface Correlation {
  correlationId: string | null
  source: CorrelationSource | null
  /** The token as it stood in the row, for jobs to carry on. */
  trackingToken: string | null
  /** The job whose write fired this event. */
  sourceJobId: string | null
  /** An e-mail address in `updated_by`: a person, not a chain. */
  userEmail: string | null
  traceId: string | null
  parentSpanId: string | null
}

const EMAIL = /^[^\s@|]+@[^\s@|]+\.[^\s@|]+$/
const UPDATED_BY_COLUMNS = ['updated_by', 'updatedby'] as const
const SESSION_KEYS = ['x-correlation-id', 'x-request-id'] as const

/**
 * Reads the correlation of a Hasura event payload: the tracking token in the new row's `updated_by`, else the session
 * variables `x-correlation-id` and `x-request-id`; the trace from `trace_context`. Never throws, whatever it is given.
 */
export function extractCorrelation(payload: unknown): Correlation {
  const event = member(payload, 'event')
  const row = member(member(event, 'data'), 'new')
  const traceContext = member(event, 'trace_context')
  const trace = {
    traceId: parseTraceId(member(traceContext, 'trace_id')),
    parentSpanId: parseSpanId(member(traceContext, 'span_id')),
  }
  const updatedBy = UPDATED_BY_COLUMNS.map(column => member(row, column)).find(value => typeof value === 'string')
  const token = parseTrackingToken(updatedBy)
  if (token) {
    return {
      correlationId: token.correlationId,
      source: 'updated_by',
      trackingToken: updatedBy as string,
      sourceJobId: token.jobExecutionId ?? null,
      userEmail: EMAIL.test(token.source) ? token.source : null,
      ...trace,
    }
  }
  const fromSession = sessionCorrelationId(member(event, 'session_variables'))
  return {
    correlationId: fromSession,
    source: fromSession ? 'session' : null,
    trackingToken: null,
    sourceJobId: null,
    userEmail: typeof updatedBy === 'string' && EMAIL.test(updatedBy.trim()) ? updatedBy.trim() : null,
    ...trace,
  }
}

function sessionCorrelationId(variables: unknown): string | null {
  if (typeof variables !== 'object' || variables === null) return null
  for (const wanted of SESSION_KEYS) {
    for (const [key, value] of Object.entries(variables)) {
      // Hasura hands on `x-hasura-*` only, so the same names are looked for behind that prefix.
      const name = key.toLowerCase().replace(/^x-hasura-/, 'x-')
      if (name === wanted && isUuid(value)) return value.toLowerCase()
    }
  }
  return null
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
