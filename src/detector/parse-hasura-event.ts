import type { HasuraEventData, HasuraEventPayload, HasuraOperation, Row } from './types.ts'

/** The parts of a payload that detectors ask for; what the payload lacks is absent. */
export interface ParsedHasuraEvent<R = Row> {
  hasuraEventId?: string
  hasuraEventTime?: string
  operation?: HasuraOperation
  /** The row before and after. */
  dbEvent?: HasuraEventData<R>
  sessionVariables?: Record<string, string>
  role?: string
  /** The e-mail address of who made the change, `system` for the role admin, else null. */
  user: string | null
}

export function parseHasuraEvent<R = Row>(payload: HasuraEventPayload): ParsedHasuraEvent<R> {
  const sessionVariables = payload?.event?.session_variables ?? undefined
  const role = sessionVariables?.['x-hasura-role']
  const user = sessionVariables?.['x-hasura-user-email'] || (role === 'admin' ? 'system' : null)

  const parsed: ParsedHasuraEvent<R> = { user }
  if (payload?.id !== undefined) parsed.hasuraEventId = payload.id
  if (payload?.created_at !== undefined) parsed.hasuraEventTime = payload.created_at
  if (payload?.event?.op !== undefined) parsed.operation = payload.event.op
  if (payload?.event?.data) parsed.dbEvent = payload.event.data as HasuraEventData<R>
  if (sessionVariables !== undefined) parsed.sessionVariables = sessionVariables
  if (role !== undefined) parsed.role = role
  return parsed
}
