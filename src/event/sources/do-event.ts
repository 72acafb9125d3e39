import { Fields } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import type { Source } from '../source.ts'

/** A domain event of a Durable Object: verb, where it comes from, who did it, and the EPCIS fields of business events. */
export const doEvent: Source = {
  name: 'do-event',
  toEvents(item, context) {
    const fields = new Fields(item)
    const id = fields.requiredText('id')
    const verb = fields.requiredText('verb')
    const ns = (fields.text('ns') ?? context.ns).replace(/\/$/, '')
    const source = fields.text('source')
    const timestamp = fields.time('timestamp')
    const created = fields.time('createdAt')
    if (timestamp === null && created === null)
      throw new ItemError('timestamp and createdAt are missing; one is needed')
    const actor = fields.text('actor')
    return [
      {
        id: `do-event:${id}`,
        event_type: 'track',
        event_name: verb,
        ns,
        action_verb: verb,
        // An action is no trace: only a real trace id is one.
        trace_id: traceIdOrNull(fields.text('traceId')),
        span_id: spanIdOrNull(fields.text('spanId')),
        correlation_id: fields.text('correlationId') ?? fields.text('requestId') ?? fields.text('actionId'),
        session_id: fields.text('sessionId'),
        timestamp: timestamp ?? created,
        resource_id: source === null ? null : `${ns}/${source}`,
        resource_type: fields.text('sourceType'),
        resource_ns: source === null ? null : ns,
        actor_id: actor,
        actor_type: fields.text('actorType'),
        do_class: fields.text('doClass'),
        do_id: fields.text('doId'),
        biz_step: fields.text('bizStep'),
        biz_disposition: fields.text('disposition'),
        biz_transaction: fields.text('bizTransaction'),
        biz_location: fields.text('bizLocation'),
        biz_read_point: fields.text('readPoint'),
        data: fields.any('data'),
        attributes: fields.rest(),
        event_source: 'do_event',
      },
    ]
  },
}
