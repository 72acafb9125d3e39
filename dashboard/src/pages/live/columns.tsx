import type { Column } from '../../components/DataTable.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { ClockTime } from '../../components/TimeText.tsx'
import { formatMicros } from '../../model/duration.ts'
import { type FeedEvent, summaryOf } from '../../model/event-feed.ts'

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** What is seen of an event before it is opened. */
export function liveColumns(open: (event: FeedEvent) => void): Column<FeedEvent>[] {
  return [
    {
      id: 'time',
      header: 'Time',
      width: '118px',
      cell: event => (
        <button type="button" className="row-link mono" data-row-link onClick={() => open(event)}>
          <ClockTime at={event.timestamp} />
        </button>
      ),
    },
    { id: 'type', header: 'Type', width: '76px', cell: event => <span className="live-type">{event.event_type}</span> },
    { id: 'name', header: 'Name', width: '220px', cell: event => <span className="mono">{event.event_name}</span> },
    { id: 'level', header: 'Level or outcome', width: '124px', from: 700, cell: event => <Level event={event} /> },
    { id: 'service', header: 'Service', width: '130px', from: 900, cell: event => text(event.service_name) },
    {
      id: 'duration',
      header: 'Duration',
      width: '90px',
      align: 'end',
      from: 1_000,
      cell: event => (typeof event.duration_ms === 'number' ? formatMicros(event.duration_ms * 1000) : ''),
    },
    { id: 'summary', header: 'What it says', cell: event => <span className="live-text">{summaryOf(event)}</span> },
  ]
}

export function toneOf(event: FeedEvent): 'failed' | 'warning' | undefined {
  const level = text(event.log_level)
  if (level === 'error' || level === 'fatal' || event.outcome === 'error' || event.outcome === 'failure')
    return 'failed'
  return level === 'warn' ? 'warning' : undefined
}

/** How severe a line is, or how something ended; marked where it is not well. */
export function Level({ event }: { event: FeedEvent }) {
  const tone = toneOf(event)
  return tone ? <StatusMark status={{ tone, word: levelOf(event) }} /> : levelOf(event)
}

const levelOf = (event: FeedEvent): string => text(event.log_level) || text(event.outcome)
