import { parseSpanId, parseTraceId } from './trace-ids.ts'
import { parseTrackingToken, type TrackingToken } from './tracking-token.ts'
import { isUuid } from './uuid.ts'

/**
 * Where a payload's correlation id was found. `updated_by_unchanged`: in a column that this change did not write, so the
 * token is an earlier writer's (docs/decisions/0005-stale-tokens.md). `replay`: nowhere, the payload is sent a second time.
 */
export type CorrelationSource =
  | 'updated_by'
  | 'updated_by_unchanged'
  | 'session'
  | 'metadata'
  | 'custom'
  | 'trace_context'
  | 'replay'

export const CORRELATION_STRATEGIES = ['updated_by', 'session', 'metadata', 'custom', 'trace_context'] as const
export type CorrelationStrategy = (typeof CORRELATION_STRATEGIES)[number]

export interface CorrelationOptions {
  /** Where to look, the first find counts. @default all, in the order of CORRELATION_STRATEGIES */
  strategies: readonly CorrelationStrategy[]
  /** Columns that hold a tracking token; the first that is there counts. @default ['updated_by', 'updatedby'] */
  columns: readonly string[]
  /** Rows they are read from; `old` counts for a deleted row only. @default ['new', 'old'] */
  rows: readonly ('new' | 'old')[]
  /** Session variables, in any letter case, with or without `x-hasura-`. @default ['x-correlation-id', 'x-request-id'] */
  sessionVariables: readonly string[]
  /** Keys in the row, and in its `metadata`, `data`, `properties` and `attributes`. @default correlation_id and others */
  metadataKeys: readonly string[]
  /** Paths such as `data.order.trace`, looked for in the row, in `event` and in the payload. @default [] */
  customFields: readonly string[]
}

export const DEFAULT_CORRELATION: CorrelationOptions = {
  strategies: CORRELATION_STRATEGIES,
  columns: ['updated_by', 'updatedby'],
  rows: ['new', 'old'],
  sessionVariables: ['x-correlation-id', 'x-request-id'],
  metadataKeys: ['correlation_id', 'trace_id', 'request_id', 'workflow_id'],
  customFields: [],
}

/** What a payload says about its own cause. */
export interface Correlation {
  correlationId: string | null
  source: CorrelationSource | null
  /** Where exactly it was found, or why nothing was. */
  detail: string
  /** The token as it stood in the row, for jobs to carry on. */
  trackingToken: string | null
  /** The job whose write fired this event. */
  sourceJobId: string | null
  /** The job in a token that this change did not write. It wrote the row before, perhaps this time too: nobody knows. */
  previousJobId: string | null
  /** An e-mail address in `updated_by`: a person, not a chain. */
  userEmail: string | null
  traceId: string | null
  parentSpanId: string | null
}

/** Whether a job is known to have been running at an instant: `created_at` of the payload, or now without one. */
export type WasRunning = (jobId: string, at: unknown) => boolean

type Found = Pick<Correlation, 'correlationId' | 'source' | 'detail' | 'trackingToken' | 'sourceJobId'>

interface Change {
  payload: unknown
  event: unknown
  /** The row after the change, or before it where it was deleted. */
  row: unknown
}

const EMAIL = /^[^\s@|]+@[^\s@|]+\.[^\s@|]+$/
const CONTAINERS = ['metadata', 'data', 'properties', 'attributes'] as const

/**
 * Reads the correlation of a Hasura event payload, by the strategies in their order. A token that the change did not
 * write counts last: after everything that names a correlation on purpose, before the trace context. Never throws,
 * whatever it is given.
 */
export function extractCorrelation(
  payload: unknown,
  options: CorrelationOptions = DEFAULT_CORRELATION,
  wasRunning: WasRunning = () => false,
): Correlation {
  try {
    return read(payload, options, wasRunning)
  } catch {
    // No payload of Hasura's, but a Proxy that lets nobody in.
    return { ...NOTHING, detail: 'the payload could not be read' }
  }
}

const NOTHING: Correlation = {
  correlationId: null,
  source: null,
  detail: '',
  trackingToken: null,
  sourceJobId: null,
  previousJobId: null,
  userEmail: null,
  traceId: null,
  parentSpanId: null,
}

function read(payload: unknown, options: CorrelationOptions, wasRunning: WasRunning): Correlation {
  const event = member(payload, 'event')
  const data = member(event, 'data')
  const change: Change = { payload, event, row: member(data, 'new') ?? member(data, 'old') }
  const traceContext = member(event, 'trace_context')
  const column = readColumn(data, options)
  const { token } = column
  const isFresh =
    column.isWritten ||
    // The same job may write a row twice. It did if it was at work then; who else would write its token again?
    (token?.jobExecutionId !== undefined && wasRunning(token.jobExecutionId, member(payload, 'created_at')))

  const found = find(change, options, column, isFresh)
  return {
    correlationId: found?.correlationId ?? null,
    source: found?.source ?? null,
    detail: found?.detail ?? column.reason,
    trackingToken: found?.trackingToken ?? null,
    sourceJobId: found?.sourceJobId ?? null,
    previousJobId: isFresh ? null : (token?.jobExecutionId ?? null),
    userEmail: column.userEmail,
    traceId: parseTraceId(member(traceContext, 'trace_id')),
    parentSpanId: parseSpanId(member(traceContext, 'span_id')),
  }
}

function find(change: Change, options: CorrelationOptions, column: Column, isFresh: boolean): Found | null {
  let stale: Found | null = null
  for (const strategy of options.strategies) {
    switch (strategy) {
      case 'updated_by': {
        if (!column.token) break
        if (isFresh) return fromToken(column, column.token)
        stale = { ...fromToken(column, column.token), source: 'updated_by_unchanged', sourceJobId: null }
        break
      }
      case 'session': {
        const found = fromSession(member(change.event, 'session_variables'), options.sessionVariables)
        if (found) return found
        break
      }
      case 'metadata': {
        const found = fromMetadata(change, options.metadataKeys)
        if (found) return found
        break
      }
      case 'custom': {
        const found = fromCustomFields(change, options.customFields)
        if (found) return found
        break
      }
      case 'trace_context': {
        if (stale) return stale
        const traceId = parseTraceId(member(member(change.event, 'trace_context'), 'trace_id'))
        if (traceId) return named('trace_context', toUuid(traceId), 'trace_context.trace_id')
        break
      }
      default:
        strategy satisfies never
    }
  }
  return stale
}

interface Column {
  token: TrackingToken | null
  text: string | null
  where: string
  userEmail: string | null
  /** Whether this change wrote it, as far as the payload tells. */
  isWritten: boolean
  /** Why it holds no token. */
  reason: string
}

function readColumn(data: unknown, { columns, rows }: CorrelationOptions): Column {
  const before = member(data, 'old')
  const after = member(data, 'new')
  const isDeleted = !isObject(after) && isObject(before)
  const from = isDeleted ? 'old' : 'new'
  const row = isDeleted ? before : after
  const column: Column = {
    token: null,
    text: null,
    where: '',
    userEmail: null,
    isWritten: false,
    reason: 'the payload has no row',
  }
  if (!isObject(row)) return column
  column.reason = `no column ${columns.join(' or ')}`
  if (!rows.includes(from)) return column
  const name = columns.find(each => typeof member(row, each) === 'string')
  if (name === undefined) {
    if (columns.some(each => each in row)) column.reason = `${columns.find(each => each in row)} is empty`
    return column
  }
  const text = member(row, name) as string
  column.text = text
  column.token = parseTrackingToken(text)
  // Whoever deletes a row writes no token into it: the old one says who wrote it last.
  column.isWritten = !isDeleted && member(before, name) !== text
  column.where = `${from}.${name}${isDeleted ? ', of the deleted row' : column.isWritten ? '' : ', not written by this change'}`
  const trimmed = text.trim()
  if (column.token) column.userEmail = EMAIL.test(column.token.source) ? column.token.source : null
  else if (EMAIL.test(trimmed)) {
    column.userEmail = trimmed
    column.reason = `${from}.${name} holds an e-mail address`
  } else column.reason = `${from}.${name} holds no tracking token`
  return column
}

function fromToken(column: Column, token: TrackingToken): Found {
  return {
    correlationId: token.correlationId,
    source: 'updated_by',
    detail: column.where,
    trackingToken: column.text,
    sourceJobId: token.jobExecutionId ?? null,
  }
}

function fromSession(variables: unknown, wanted: readonly string[]): Found | null {
  if (!isObject(variables)) return null
  const keys = Object.keys(variables)
  for (const name of wanted) {
    for (const key of keys) {
      if (!isNamed(key, name)) continue
      const correlationId = toCorrelationId(variables[key])
      if (correlationId) return named('session', correlationId, key)
    }
  }
  return null
}

const HASURA_PREFIX = 'x-hasura-'

// Hasura hands on `x-hasura-*` only, so the same names are looked for behind that prefix.
function isNamed(key: string, name: string): boolean {
  // Most are told apart by their length.
  const behind = HASURA_PREFIX.length - 'x-'.length
  if (key.length !== name.length && key.length !== name.length + behind) return false
  const [lower, wanted] = [key.toLowerCase(), name.toLowerCase()]
  return lower === wanted || (lower.startsWith(HASURA_PREFIX) && `x-${lower.slice(HASURA_PREFIX.length)}` === wanted)
}

function fromMetadata({ payload, row }: Change, keys: readonly string[]): Found | null {
  const found = fromKeys(row, keys, '')
  if (found) return found
  for (const name of CONTAINERS) {
    const inside = fromKeys(member(row, name), keys, `${name}.`)
    if (inside) return inside
  }
  return fromKeys(member(payload, 'metadata'), keys, 'payload metadata.')
}

function fromKeys(place: unknown, keys: readonly string[], where: string): Found | null {
  if (!isObject(place)) return null
  for (const key of keys) {
    const correlationId = toCorrelationId(place[key])
    if (correlationId) return named('metadata', correlationId, where + key)
  }
  return null
}

function fromCustomFields({ payload, event, row }: Change, paths: readonly string[]): Found | null {
  for (const path of paths) {
    for (const start of [row, event, payload]) {
      const correlationId = toCorrelationId(path.split('.').reduce(member, start))
      if (correlationId) return named('custom', correlationId, path)
    }
  }
  return null
}

function named(source: CorrelationSource, correlationId: string, detail: string): Found {
  return { correlationId, source, detail, trackingToken: null, sourceJobId: null }
}

/** A UUID, the correlation id of a tracking token, or a W3C trace id, as a UUID. */
function toCorrelationId(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (isUuid(value)) return value.toLowerCase()
  const token = parseTrackingToken(value)
  if (token) return token.correlationId
  const traceId = parseTraceId(value)
  return traceId && toUuid(traceId)
}

function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function member(value: unknown, key: string): unknown {
  if (!isObject(value)) return undefined
  try {
    return value[key]
  } catch {
    // A getter threw: what it hides is as good as missing.
    return undefined
  }
}
