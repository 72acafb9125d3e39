import { ObservabilityError } from '../errors.ts'

/** The body that Hasura posts for an event trigger (format v2), checked. Further keys are kept as they are. */
export interface HasuraEventPayload {
  id: string
  created_at: string
  table: { schema: string; name: string }
  trigger: { name: string }
  event: {
    op: 'INSERT' | 'UPDATE' | 'DELETE' | 'MANUAL'
    data: { old?: Record<string, unknown> | null; new?: Record<string, unknown> | null }
    session_variables?: Record<string, string> | null
    trace_context?: Record<string, unknown> | null
  }
  delivery_info?: { current_retry: number; max_retries: number }
}

const OPERATIONS = ['INSERT', 'UPDATE', 'DELETE', 'MANUAL']

/**
 * Checks a webhook body. Throws PAYLOAD_INVALID that names everything that is wrong with it.
 * `delivery_info` and `trace_context` may be missing (older versions of Hasura send neither), and so may either side of
 * `event.data` (a trigger may send no columns).
 */
export function parseHasuraEventPayload(body: unknown): HasuraEventPayload {
  const mistakes: string[] = []
  const expect = (holds: boolean, mistake: string): void => {
    if (!holds) mistakes.push(mistake)
  }
  if (!isObject(body)) {
    throw invalid([`the body is ${kindOf(body)}, not a JSON object`])
  }
  const { event, table, trigger } = body
  expect(isText(body.id), `id is ${kindOf(body.id)}, not a text`)
  expect(isText(body.created_at), `created_at is ${kindOf(body.created_at)}, not a text`)
  expect(isObject(table) && isText(table.schema) && isText(table.name), 'table is not {"schema": text, "name": text}')
  expect(isObject(trigger) && isText(trigger.name), 'trigger is not {"name": text}')
  expect(body.delivery_info === undefined || isObject(body.delivery_info), 'delivery_info is not an object')
  if (!isObject(event)) mistakes.push(`event is ${kindOf(event)}, not an object`)
  else checkEvent(event, expect)
  if (mistakes.length > 0) throw invalid(mistakes)
  return body as unknown as HasuraEventPayload
}

function checkEvent(event: Record<string, unknown>, expect: (holds: boolean, mistake: string) => void): void {
  const { op, data, session_variables: session, trace_context: trace } = event
  const known = typeof op === 'string' && OPERATIONS.includes(op)
  expect(known, `event.op is ${typeof op === 'string' ? `"${op}"` : kindOf(op)}, not one of ${OPERATIONS.join(', ')}`)
  expect(isObject(data), `event.data is ${kindOf(data)}, not an object`)
  if (isObject(data)) {
    for (const side of ['old', 'new'] as const) {
      const value = data[side]
      expect(
        value === null || value === undefined || isObject(value),
        `event.data.${side} is ${kindOf(value)}, not an object or null`,
      )
    }
  }
  expect(
    session === undefined || session === null || isObject(session),
    'event.session_variables is not an object or null',
  )
  expect(trace === undefined || trace === null || isObject(trace), 'event.trace_context is not an object or null')
}

function invalid(mistakes: string[]): ObservabilityError {
  return new ObservabilityError('PAYLOAD_INVALID', `not a Hasura event trigger payload: ${mistakes.join('; ')}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (value === '') return 'empty'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
