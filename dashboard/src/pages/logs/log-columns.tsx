import { Link } from '@tanstack/react-router'
import type { Column } from '../../components/DataTable.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { ClockTime } from '../../components/TimeText.tsx'
import { levelOf, levelStatus } from '../../model/log-level.ts'
import type { LogLine } from './queries.ts'

/** What is seen of a line in the list. */
export const LOG_COLUMNS: Column<LogLine>[] = [
  { id: 'time', header: 'Time', width: '132px', cell: line => <ClockTime at={line.created_at} /> },
  {
    id: 'level',
    header: 'Level',
    width: '92px',
    cell: line => <StatusMark status={levelStatus(levelOf(line.log_level))} />,
  },
  {
    id: 'job',
    header: 'Job or logger',
    width: '190px',
    from: 720,
    cell: line => <span className="mono">{line.log_logger}</span>,
  },
  {
    id: 'service',
    header: 'Service',
    width: '150px',
    from: 1000,
    cell: line => <span className="mono quiet">{line.service_name}</span>,
  },
  { id: 'message', header: 'Message', cell: line => <LineLink line={line} /> },
]

export function LineLink({ line }: { line: LogLine }) {
  return (
    <Link
      from="/logs"
      to="/logs"
      search={before => ({ ...before, sel: line.id, at: line.created_at })}
      resetScroll={false}
      className="row-link log-message"
      data-row-link
    >
      {line.log_message === null || line.log_message === '' ? (
        <span className="quiet">no message</span>
      ) : (
        line.log_message
      )}
    </Link>
  )
}

export function NarrowLine({ line }: { line: LogLine }) {
  return (
    <div className="log-narrow">
      <span>
        <StatusMark status={levelStatus(levelOf(line.log_level))} />
        <ClockTime at={line.created_at} digits={0} />
        <span className="mono quiet">{line.log_logger ?? line.service_name}</span>
      </span>
      <LineLink line={line} />
    </div>
  )
}
