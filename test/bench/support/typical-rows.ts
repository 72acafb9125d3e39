import { uuidv7 } from '../../../src/correlation/uuid.ts'
import { toTimestamp } from '../../../src/record/clock.ts'
import type { EventRow, InvocationRow, JobRow, Recorded } from '../../../src/record/records.ts'

const PAYLOAD = JSON.stringify({
  id: '11111111-2222-4333-8444-555555555555',
  created_at: '2026-01-02T03:04:05.678901',
  table: { schema: 'public', name: 'orders' },
  trigger: { name: 'orders' },
  event: {
    op: 'UPDATE',
    data: {
      old: { id: 1, status: 'new', note: 'x'.repeat(350) },
      new: { id: 1, status: 'paid', note: 'x'.repeat(350) },
    },
    session_variables: { 'x-hasura-role': 'user' },
    trace_context: null,
  },
})

const INSTANCE = uuidv7()

/** What one invocation leaves, all of it over: itself, 10 modules of which 3 detected, 5 jobs, a payload of 1 KB. */
export function typicalInvocation(correlationId: string): Recorded[] {
  const at = toTimestamp(Date.now() + Math.random())
  const traceId = correlationId.replaceAll('-', '')
  const execution = (parent: string | null) => {
    const id = uuidv7()
    const spans = { trace_id: traceId, span_id: id.replaceAll('-', '').slice(16), parent_span_id: parent }
    return { id, created_at: at, updated_at: at, ended_at: at, correlation_id: correlationId, ...spans }
  }
  const invocation: InvocationRow = {
    ...execution(null),
    correlation_source: 'generated',
    correlation_detail: null,
    previous_job_id: null,
    replay_of: null,
    changed_columns: null,
    instance_id: INSTANCE,
    source_function: 'orders',
    source_table: 'public.orders',
    source_operation: 'UPDATE',
    source_system: 'hasura',
    source_record_id: '1',
    source_job_id: null,
    source_event_id: '11111111-2222-4333-8444-555555555555',
    source_event_payload: PAYLOAD,
    source_event_time: at,
    source_user_email: null,
    source_user_role: 'user',
    total_duration_ms: 40,
    events_detected_count: 3,
    total_jobs_run: 5,
    total_jobs_succeeded: 5,
    total_jobs_failed: 0,
    auto_load_modules: true,
    event_modules_directory: './events',
    status: 'completed',
    error_message: null,
    error_stack: null,
    context_data: null,
  }
  const records: Recorded[] = [{ table: 'invocations', row: invocation }]
  for (let index = 0; index < 10; index++) {
    const detected = index < 3
    const jobs = detected ? (index === 0 ? 1 : 2) : 0
    const event: EventRow = {
      ...execution(invocation.span_id),
      invocation_id: invocation.id,
      detection_ended_at: at,
      event_name: `orders.event-${index}`,
      event_module_path: `./events/orders/event-${index}.js`,
      detected,
      detection_duration_ms: 1,
      not_detected_reason: null,
      detection_facts: null,
      columns_read: null,
      detection_error: null,
      detection_error_stack: null,
      handler_duration_ms: detected ? 12 : null,
      handler_error: null,
      handler_error_stack: null,
      jobs_count: jobs,
      jobs_succeeded: jobs,
      jobs_failed: 0,
      status: detected ? 'completed' : 'not_detected',
    }
    records.push({ table: 'event_executions', row: event })
    for (let n = 0; n < jobs; n++) {
      const job: JobRow = {
        ...execution(event.span_id),
        invocation_id: invocation.id,
        event_execution_id: event.id,
        job_name: `job-${n}`,
        job_function_name: `job${n}`,
        job_options: null,
        duration_ms: 10,
        status: 'completed',
        result: '{"sent":true}',
        error_message: null,
        error_stack: null,
      }
      records.push({ table: 'job_executions', row: job })
    }
  }
  return records
}
