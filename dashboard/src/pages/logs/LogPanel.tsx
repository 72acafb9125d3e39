import { ScrollText, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Fact, Facts, IdFact, JsonSection, ReadFailure, Section } from '../../components/detail/parts.tsx'
import { Answer, Empty } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { AbsoluteTime } from '../../components/TimeText.tsx'
import { levelOf, levelStatus } from '../../model/log-level.ts'
import { LineContext } from './LineContext.tsx'
import { LineOrigin } from './LineOrigin.tsx'
import { LOG_ATTRIBUTES, LOG_LINE, type OpenedLine } from './queries.ts'
import type { LogContext } from './url.ts'
import '../../components/detail/detail.css'

interface LogPanelProps {
  id: string
  /** Its time, as it is stored: with its id it names one line. */
  at: string
  near: LogContext | undefined
  /** Over the whole screen. */
  sheet: boolean
  onNear: (near: LogContext) => void
  onClose: () => void
}

/** One line with all it has: where it comes from, and what was written before and after it. */
export function LogPanel({ id, at, near, sheet, onNear, onClose }: LogPanelProps) {
  const query = useLiveQuery(LOG_LINE, { id, at }, { every: 0 })
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (sheet) close.current?.focus()
  }, [sheet])
  const line = query.data?.events[0]
  return (
    <aside className="side-panel log-panel" data-sheet={sheet || undefined} aria-label="Line details">
      <header className="panel-head">
        <ScrollText className="node-icon" size={15} aria-hidden="true" />
        <div className="panel-title">
          <span className="panel-kind">Line</span>
          <h2 className="mono">{line ? (line.log_logger ?? line.event_name) : id}</h2>
        </div>
        {line && <StatusMark status={levelStatus(levelOf(line.log_level))} />}
        <button
          ref={close}
          type="button"
          className="icon-button"
          aria-label="Close"
          title="Close (Esc)"
          onClick={onClose}
        >
          <X size={16} />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section className="panel-body" tabIndex={0} aria-label="Details">
        <Answer
          query={query}
          empty={({ events }) =>
            events.length === 0 ? (
              <Empty title="This line is not there">
                It was deleted by retention, or the link is not complete. The list beside it is not touched by that.
              </Empty>
            ) : null
          }
        >
          {() => line && <Details line={line} near={near} onNear={onNear} />}
        </Answer>
      </section>
    </aside>
  )
}

function Details({
  line,
  near,
  onNear,
}: {
  line: OpenedLine
  near: LogContext | undefined
  onNear: LogPanelProps['onNear']
}) {
  return (
    <>
      <Section title="Message" aside={<CopyButton text={line.log_message ?? ''} what="message" />}>
        {line.log_message ? (
          <p className="log-whole mono" data-level={levelOf(line.log_level)} data-testid="log-message">
            {line.log_message}
          </p>
        ) : (
          <p className="quiet">The line has no message.</p>
        )}
      </Section>
      <LineOrigin line={line} />
      <LineContext line={line} near={near} onNear={onNear} />
      <Section title="Facts">
        <Facts>
          <Fact name="Written">
            <AbsoluteTime at={line.created_at} />
          </Fact>
          {line.service_name && <Fact name="Service">{line.service_name}</Fact>}
          {line.log_logger && <Fact name="Job or logger">{line.log_logger}</Fact>}
          <Fact name="Event">{line.event_name}</Fact>
          {line.event_source && <Fact name="Source">{line.event_source}</Fact>}
          <IdFact name="Trace" id={line.trace_id} />
          <IdFact name="Span" id={line.span_id} />
          <IdFact name="Correlation" id={line.correlation_id} />
        </Facts>
      </Section>
      <Attributes line={line} />
    </>
  )
}

/** What else was sent with the line. */
function Attributes({ line }: { line: OpenedLine }) {
  const { data, failure } = useLiveQuery(LOG_ATTRIBUTES, { id: line.id, at: line.created_at }, { every: 0 })
  const row = data?.events[0]
  return (
    <>
      <ReadFailure what="What was sent with the line" failure={failure} />
      {row && (
        <>
          <JsonSection title="Attributes" value={row.attributes} none="None were sent." />
          {row.context !== null && <JsonSection title="Resource and scope" value={row.context} none="Nothing." />}
          {row.data !== null && <JsonSection title="Data" value={row.data} none="Nothing." />}
        </>
      )}
    </>
  )
}
