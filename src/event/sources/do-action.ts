import { Fields } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import type { Source } from '../source.ts'
import { msBetweenTimes } from '../times.ts'

/** An action of a Durable Object that is over: a `trace` event. */
export const doAction: Source = {
  name: 'do-action',
  toEvents(item, context) {
    const fields = new Fields(item)
    const id = fields.requiredText('id')
    const verb = fields.requiredText('verb')
    const status = fields.oneOf('status', ['completed', 'failed'])
    if (status === null) throw new ItemError('status is missing; an action is sent when it is completed or failed')
    const started = fields.time('startedAt')
    const ended = fields.time('completedAt')
    if (started === null && ended === null) throw new ItemError('startedAt and completedAt are missing; one is needed')
    const durationMs = fields.number('durationMs')
    const target = fields.text('target')
    const error = fields.any('error')
    return [
      {
        id: `do-action:${id}`,
        event_type: 'trace',
        event_name: `action.${verb}`,
        ns: fields.text('ns') ?? context.ns,
        trace_id: traceIdOrNull(fields.text('traceId')),
        span_id: spanIdOrNull(fields.text('spanId')),
        parent_id: spanIdOrNull(fields.text('parentId')),
        correlation_id: fields.text('requestId'),
        session_id: fields.text('sessionId'),
        workflow_id: fields.text('workflowId'),
        timestamp: started ?? ended,
        started_at: started,
        ended_at: ended,
        duration_ms: msBetweenTimes(started, ended) ?? durationMs,
        outcome: status === 'completed' ? 'success' : 'error',
        error_message: error === null ? null : messageOf(error),
        error_type: typeof error === 'object' ? new Fields(error ?? {}, 'error').text('name') : null,
        actor_id: fields.text('actor'),
        resource_type: target?.split('/').find(part => part !== '') ?? null,
        resource_id: target,
        do_class: fields.text('doClass'),
        do_id: fields.text('doId'),
        do_method: fields.text('method'),
        action_verb: verb,
        action_durability: fields.oneOf('durability', ['send', 'try', 'do']),
        action_target: target,
        action_input_version: fields.whole('inputVersion'),
        // The version that the action left behind is that of the object now.
        resource_version: fields.text('outputVersion'),
        attributes: fields.rest(),
        event_source: 'do_action',
      },
    ]
  },
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined
  return typeof message === 'string' ? message : JSON.stringify(error)
}
