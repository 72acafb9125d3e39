import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Section } from '../../components/detail/parts.tsx'
import { Answer, SkeletonRows } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { ClockTime } from '../../components/TimeText.tsx'
import { levelOf, levelStatus } from '../../model/log-level.ts'
import { newerRows, olderRows } from '../../model/row-place.ts'
import { LOG_CONTEXT, type LogLine, type OpenedLine } from './queries.ts'
import { CONTEXTS, type LogContext } from './url.ts'

const FIRST = 8
const MORE = 25
/** A reader gets no more rows than this at once. */
const MOST = 1000
/** Lines of a service are looked for no further away than this, in milliseconds: no index knows them. */
const FAR_MS = 24 * 3_600_000

const LABELS: Record<LogContext, string> = { job: 'Its job', trace: 'Its trace', service: 'Its service', all: 'All' }

interface LineContextProps {
  line: OpenedLine
  near: LogContext | undefined
  onNear: (near: LogContext) => void
}

/** The lines before and after a line, in the order in which they were written. */
export function LineContext({ line, near, onNear }: LineContextProps) {
  const possible = CONTEXTS.filter(context => scopeOf(line, context) !== null)
  const context = near && possible.includes(near) ? near : (possible[0] ?? 'all')
  const [limits, setLimits] = useState({ before: FIRST, after: FIRST })
  const scope = scopeOf(line, context) ?? {}
  const query = useLiveQuery(
    LOG_CONTEXT,
    {
      before: { _and: [scope, olderRows(line, 'timestamp')] },
      after: { _and: [scope, newerRows(line, 'timestamp')] },
      // One more than shown says whether there are more.
      beforeLimit: Math.min(MOST, limits.before + 1),
      afterLimit: Math.min(MOST, limits.after + 1),
    },
    { every: 5 },
  )
  const shown = useRef(query.data)
  if (query.data) shown.current = query.data
  const more = (side: 'before' | 'after') => setLimits({ ...limits, [side]: limits[side] + MORE })
  return (
    <Section
      title="Around it"
      aside={
        <fieldset className="segments" aria-label="Which lines are shown around it">
          {possible.map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={one === context}
              onClick={() => {
                setLimits({ before: FIRST, after: FIRST })
                shown.current = undefined
                onNear(one)
              }}
            >
              {LABELS[one]}
            </button>
          ))}
        </fieldset>
      }
    >
      <Answer query={{ ...query, data: query.data ?? shown.current }} skeleton={<SkeletonRows rows={6} height={22} />}>
        {({ before, after }) => (
          <>
            {before.length > limits.before ? (
              <MoreButton side="before" onClick={() => more('before')} />
            ) : (
              before.length === 0 && (
                <p className="quiet">Nothing before it{context === 'service' && ' within a day'}.</p>
              )
            )}
            <ol className="log-context" data-testid="log-context">
              {before
                .slice(0, limits.before)
                .toReversed()
                .map(other => (
                  <ContextLine key={`${other.created_at} ${other.id}`} line={other} />
                ))}
              <ContextLine line={line} isCurrent />
              {after.slice(0, limits.after).map(other => (
                <ContextLine key={`${other.created_at} ${other.id}`} line={other} />
              ))}
            </ol>
            {after.length > limits.after ? (
              <MoreButton side="after" onClick={() => more('after')} />
            ) : (
              after.length === 0 && <p className="quiet">Nothing after it{context === 'service' && ' within a day'}.</p>
            )}
          </>
        )}
      </Answer>
    </Section>
  )
}

function MoreButton({ side, onClick }: { side: 'before' | 'after'; onClick: () => void }) {
  return (
    <button type="button" className="link-button quiet" onClick={onClick}>
      {MORE} more {side} it
    </button>
  )
}

function ContextLine({ line, isCurrent = false }: { line: LogLine; isCurrent?: boolean }) {
  const status = levelStatus(levelOf(line.log_level))
  return (
    <li data-tone={status.tone} aria-current={isCurrent ? 'true' : undefined}>
      <ClockTime at={line.created_at} />
      <StatusShape tone={status.tone} />
      <span className="sr-only">{status.word}</span>
      {isCurrent ? (
        <span className="log-context-text">{line.log_message}</span>
      ) : (
        <Link
          from="/logs"
          to="/logs"
          search={before => ({ ...before, sel: line.id, at: line.created_at })}
          resetScroll={false}
          className="log-context-text"
        >
          {line.log_message}
        </Link>
      )}
    </li>
  )
}

/** The condition that lines of this context meet; null when the line has no such thing. */
function scopeOf(line: OpenedLine, context: LogContext): object | null {
  const log = { event_type: { _eq: 'log' } }
  const { trace_id: trace, span_id: span, service_name: service } = line
  switch (context) {
    case 'job':
      return trace !== null && span !== null ? { ...log, trace_id: { _eq: trace }, span_id: { _eq: span } } : null
    case 'trace':
      return trace === null ? null : { ...log, trace_id: { _eq: trace } }
    case 'service': {
      if (service === null) return null
      const at = Date.parse(line.created_at)
      const near = { _gte: new Date(at - FAR_MS).toISOString(), _lte: new Date(at + FAR_MS).toISOString() }
      return { _and: [{ ...log, service_name: { _eq: service } }, { timestamp: near }] }
    }
    case 'all':
      return log
    default:
      return context satisfies never
  }
}
