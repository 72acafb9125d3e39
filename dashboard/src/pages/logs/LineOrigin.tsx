import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { ReadFailure, Section } from '../../components/detail/parts.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { toStatus } from '../../model/status.ts'
import { parseMicros } from '../../model/time.ts'
import { windowAround } from '../../model/time-range.ts'
import { LOG_ORIGIN, type OpenedLine } from './queries.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The ways from a line to what wrote it: its job in the chain, its span in the trace, its correlation. */
export function LineOrigin({ line }: { line: OpenedLine }) {
  const { trace_id: trace, span_id: span, correlation_id: correlation } = line
  const { data, failure } = useLiveQuery(
    LOG_ORIGIN,
    { trace: trace ?? '', span: span ?? '' },
    { every: 0, skip: trace === null || span === null },
  )
  const invocation = data?.invocations[0]
  const job = invocation?.job_executions[0]
  const traceSpan = data?.spans[0]
  const micros = parseMicros(line.created_at)
  const window = micros === null ? {} : windowAround(micros / 1000, null)
  return (
    <Section title="Written by">
      <ReadFailure what="Its job or span" failure={failure} />
      <ul className="log-origins">
        {invocation && job && (
          <li>
            <Link
              to="/chains/$rootId"
              params={{ rootId: invocation.id }}
              search={{ sel: `job:${job.id}` }}
              className="node-link"
              data-testid="origin-job"
            >
              <StatusMark status={toStatus(job.status)} />
              <span className="mono">{job.job_name}</span>
              <span className="quiet">in its chain</span>
            </Link>
          </li>
        )}
        {trace !== null && (
          <li>
            <Link
              to="/traces/$traceId"
              params={{ traceId: trace }}
              search={traceSpan ? { sel: `span:${traceSpan.id}` } : job ? { sel: `job:${job.id}` } : {}}
              className="node-link"
              data-testid="origin-trace"
            >
              <span className="mono">{traceSpan?.event_name ?? 'Its trace'}</span>
              <span className="quiet">{traceSpan ? 'in its trace' : 'as a waterfall'}</span>
            </Link>
          </li>
        )}
        {correlation !== null && UUID.test(correlation) && (
          <li>
            <Link to="/correlations/$key" params={{ key: correlation }} search={window} className="node-link">
              Everything of its correlation
            </Link>
          </li>
        )}
        {trace === null && correlation === null && (
          <li className="quiet">It names no trace and no correlation: it stands alone.</li>
        )}
      </ul>
    </Section>
  )
}
