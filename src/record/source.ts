import { toTimestamp } from './clock.ts'
import { fieldNames, fieldOf } from './plain-copy.ts'

/** What a Hasura event payload says about the change that set the invocation off. */
export interface Source {
  table: string
  operation: string
  functionName: string
  recordId: string | null
  eventId: string | null
  /** When the change was made, as Postgres reads it; null where that is not known. */
  eventTime: string | null
  userEmail: string | null
  userRole: string | null
}

/** The options of `listenTo` that matter here. Everything may be missing: the host checks none of it. */
export interface InvocationOptions {
  context?: unknown
  sourceFunction?: unknown
  invocationId?: unknown
  correlationId?: unknown
  sourceTrackingToken?: unknown
  autoLoadEventModules?: unknown
  eventModulesDirectory?: unknown
  timeoutConfig?: { serverlessMode?: unknown } | undefined
}

/** What the caller says that the function is called. */
export function givenFunctionName(options: InvocationOptions): string | null {
  return text(fieldOf(options.context, 'functionName')) ?? text(options.sourceFunction)
}

type IsSecret = (path: readonly string[], value: string) => boolean

/**
 * Reads a payload, or its copy, whatever its shape; missing parts become null, or the detector's own words for missing. Without
 * a given name the function is called like the trigger. What `isSecret` of the payload becomes null here, too.
 */
export function readSource(payload: unknown, functionName: string | null, isSecret: IsSecret): Source {
  const event = fieldOf(payload, 'event')
  const data = fieldOf(event, 'data')
  const after = fieldOf(data, 'new')
  const id = recordId(fieldOf(after ?? fieldOf(data, 'old'), 'id'))
  const isHidden = id !== null && isSecret(['event', 'data', after == null ? 'old' : 'new', 'id'], id)
  const table = fieldOf(payload, 'table')
  const session = readSession(fieldOf(event, 'session_variables'), isSecret)
  const createdAt = text(fieldOf(payload, 'created_at'))
  const schema = text(fieldOf(table, 'schema')) ?? 'public'
  return {
    table: `${schema}.${text(fieldOf(table, 'name')) ?? 'unknown'}`,
    operation: text(fieldOf(event, 'op')) ?? 'MANUAL',
    functionName: functionName ?? text(fieldOf(fieldOf(payload, 'trigger'), 'name')) ?? 'unknown',
    recordId: isHidden ? null : id,
    eventId: text(fieldOf(payload, 'id')),
    eventTime: createdAt === null ? null : utcTime(createdAt),
    userEmail: session.email ?? session.userId,
    userRole: session.role,
  }
}

interface Session {
  email: string | null
  userId: string | null
  role: string | null
}

// Names come in any letter case.
function readSession(variables: unknown, isSecret: IsSecret): Session {
  const session: Session = { email: null, userId: null, role: null }
  if (typeof variables !== 'object' || variables === null) return session
  for (const [index, key] of fieldNames(variables).entries()) {
    // Most are told apart by their length.
    if (key.length !== 13 && key.length !== 16 && key.length !== 19) continue
    const value = text(fieldOf(variables, key, index))
    if (value !== null && isSecret(['event', 'session_variables', key], value)) continue
    switch (key.toLowerCase()) {
      case 'x-hasura-user-email':
        session.email = value
        break
      case 'x-hasura-user-id':
        session.userId = value
        break
      case 'x-hasura-role':
        session.role = value
    }
  }
  return session
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function recordId(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return text(value)
}

const HASURA_TIME = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T\d\d:\d\d:\d\d\.\d{6}$/

// Hasura writes the time of the change in UTC without saying so.
function utcTime(value: string): string | null {
  // As Hasura writes it nothing has to be done, but Date.parse takes 30 February for 2 March.
  if (HASURA_TIME.test(value) && !Number.isNaN(Date.parse(`${value}Z`))) return `${value}Z`
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`
  const ms = Date.parse(zoned)
  if (Number.isNaN(ms)) return null
  const micros = /\.(\d{6})/.exec(value)?.[1]
  return micros ? toTimestamp(ms).replace(/\.\d+Z$/, `.${micros}Z`) : toTimestamp(ms)
}
