import { useLiveQuery } from '../../../api/use-live-query.ts'
import {
  ErrorSection,
  Fact,
  Facts,
  IdFact,
  JsonSection,
  ReadFailure,
  Section,
  StartedFact,
} from '../../../components/detail/parts.tsx'
import { RowChange } from '../../../components/detail/RowChange.tsx'
import { DurationText } from '../../../components/TimeText.tsx'
import type { InvocationNode } from '../../../model/chain-tree.ts'
import { formatOffset } from '../../../model/duration.ts'
import { diffPayload } from '../../../model/row-diff.ts'
import { isRunning } from '../../../model/status.ts'
import { type Micros, parseMicros } from '../../../model/time.ts'
import { INVOCATION_DETAIL } from '../queries.ts'

export function InvocationPanel({ node, startedAt }: { node: InvocationNode; startedAt: Micros }) {
  const { row } = node
  const running = isRunning(row.status)
  const { data, failure } = useLiveQuery(INVOCATION_DETAIL, { id: row.id }, { every: running ? 1 : 5 })
  const detail = data?.invocations_by_pk
  const diff = detail ? diffPayload(detail.source_event_payload) : null
  return (
    <>
      <ErrorSection title="Error" message={row.error_message} stack={detail?.error_stack} />
      <ReadFailure what="The payload" failure={failure} />
      {detail && (
        <Section
          title="Row change"
          aside={
            diff?.operation === 'update' ? `${diff.changedCount} of ${diff.columns.length} columns` : diff?.operation
          }
        >
          {diff ? <RowChange diff={diff} /> : <p className="quiet">The payload holds no old or new row.</p>}
        </Section>
      )}
      <Section title="Invocation">
        <Facts>
          <Fact name="Function">
            <span className="mono">{row.source_function}</span>
          </Fact>
          <Fact name="Table">
            <span className="mono">{row.source_table ?? 'not recorded'}</span>
          </Fact>
          {row.source_record_id && <IdFact name="Record key" id={row.source_record_id} />}
          <StartedFact at={row.created_at} chainStartedAt={startedAt} />
          <Fact name="Duration">
            <DurationText
              createdAt={row.created_at}
              endedAt={row.ended_at}
              fallbackMs={row.total_duration_ms}
              running={running}
            />
          </Fact>
          {detail?.source_event_time && <Delivery changedAt={detail.source_event_time} startedAt={row.created_at} />}
          {detail?.source_user_role && <Fact name="Role">{detail.source_user_role}</Fact>}
          <IdFact name="Invocation id" id={row.id} />
          <IdFact name="Correlation id" id={row.correlation_id} />
          {detail && (
            <Fact name="Correlation from">
              {detail.correlation_source.replaceAll('_', ' ')}
              {detail.correlation_detail && <span className="quiet"> {detail.correlation_detail}</span>}
            </Fact>
          )}
          <IdFact name="Hasura event id" id={detail?.source_event_id} />
          <IdFact name="Trace id" id={detail?.trace_id} />
        </Facts>
      </Section>
      {detail && (
        <>
          {detail.context_data !== null && <JsonSection title="Context" value={detail.context_data} none="" />}
          <JsonSection title="Payload" value={detail.source_event_payload} none="No payload was recorded." />
        </>
      )}
    </>
  )
}

function Delivery({ changedAt, startedAt }: { changedAt: string; startedAt: string }) {
  const changed = parseMicros(changedAt)
  const started = parseMicros(startedAt)
  if (changed === null || started === null) return null
  return (
    <Fact name="Delivered">
      <span className="number">{formatOffset(started - changed)}</span>
      <span className="quiet"> after the row changed</span>
    </Fact>
  )
}
