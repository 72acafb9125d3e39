import { useElementSize, useMergedRef } from '@mantine/hooks'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Pause, Play, Trash2, X } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { StreamStatus } from '../../api/event-socket.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { FilterMenu } from '../../components/FilterMenu.tsx'
import { JsonTree } from '../../components/JsonTree.tsx'
import { Notice } from '../../components/Notice.tsx'
import { Empty } from '../../components/Panel.tsx'
import { ClockTime } from '../../components/TimeText.tsx'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { type FeedEvent, summaryOf } from '../../model/event-feed.ts'
import { Level, liveColumns, toneOf } from './columns.tsx'
import { TopicField } from './TopicField.tsx'
import { type LiveFeed, MAX_EVENTS, useEventFeed } from './use-event-feed.ts'
import './live.css'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map(value => ({ value }))
const NARROW_PX = 620
const STATUS: Record<StreamStatus, string> = {
  connecting: 'connecting …',
  connected: 'connected',
  disconnected: 'disconnected: trying again',
}
const number = new Intl.NumberFormat('en')

/** All kinds of events as they are stored, newest first. Nothing is lost without a word: what is not shown is counted. */
export function LivePage() {
  const search = useSearch({ from: '/live' })
  const navigate = useNavigate({ from: '/live' })
  const topics = search.topic ?? ['*']
  const level = search.level ?? []
  const service = search.service ?? []
  const feed = useEventFeed({ topics, level, service })
  const [opened, setOpened] = useState<FeedEvent | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const { ref, width } = useElementSize()
  const list = useMergedRef(scroller, ref)
  const columns = useMemo(() => liveColumns(setOpened), [])
  const services = useMemo(() => servicesOf(feed.events), [feed.events])
  usePageTitle('Live')
  useKeys({
    ' ': () => feed.setPaused(!feed.isPaused),
    Escape: () => (opened === null ? false : setOpened(null)),
  })
  useEffect(() => {
    // Whoever scrolls down reads: what comes must not move the lines away.
    const element = scroller.current
    const pause = () => {
      if (element && element.scrollTop > 40) feed.setPaused(true)
    }
    element?.addEventListener('scroll', pause)
    return () => element?.removeEventListener('scroll', pause)
  })

  return (
    <div className="live-page">
      <div className="live-head">
        <h1>Live</h1>
        <TopicField topics={topics} onChange={topic => navigate({ search: old => ({ ...old, topic }) })} />
        <FilterMenu
          label="Level"
          options={LEVELS}
          chosen={level}
          onChange={chosen => navigate({ search: old => ({ ...old, level: chosen }) })}
        />
        <FilterMenu
          label="Service"
          options={services}
          chosen={service}
          onChange={chosen => navigate({ search: old => ({ ...old, service: chosen }) })}
          note="Services among the events shown"
        />
        <span className="live-counts quiet" data-testid="live-counts" data-status={feed.status} role="status">
          {counts(feed)}
        </span>
        <button
          type="button"
          className="button"
          aria-pressed={feed.isPaused}
          onClick={() => {
            feed.setPaused(!feed.isPaused)
            if (feed.isPaused) scroller.current?.scrollTo({ top: 0 })
          }}
        >
          {feed.isPaused ? <Play size={13} aria-hidden="true" /> : <Pause size={13} aria-hidden="true" />}
          {feed.isPaused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" className="button" onClick={feed.clear}>
          <Trash2 size={13} aria-hidden="true" />
          Clear
        </button>
      </div>
      {feed.problem !== null && (
        <Notice tone="warning" title={feed.problem} inPage>
          <p>Correct the topic, or take it out.</p>
        </Notice>
      )}
      {feed.isPaused && (
        <button type="button" className="live-waiting" data-testid="live-waiting" onClick={() => feed.setPaused(false)}>
          Paused, {number.format(feed.waiting)} new {feed.waiting === 1 ? 'event waits' : 'events wait'}
        </button>
      )}
      <div className="live-body">
        <div className="live-list" ref={list} data-testid="live-list">
          {feed.events.length === 0 ? (
            <Empty title="No event yet">
              {feed.status === 'connected'
                ? `${topics.includes('*') ? 'Events' : `Events of ${topics.join(', ')}`} show here as soon as they are stored. Send one to /api/broadcast, or wait.`
                : 'The stream is not connected yet.'}
            </Empty>
          ) : (
            <DataTable
              label="Events, newest first"
              rows={feed.events}
              columns={columns.filter(({ from }) => from === undefined || width >= from)}
              rowKey={event => event.id}
              rowHeight={30}
              rowProps={event => ({ 'data-tone': toneOf(event) })}
              isNarrow={width > 0 && width < NARROW_PX}
              narrow={{ render: event => <NarrowRow event={event} open={setOpened} />, height: 52 }}
              scroller={scroller}
              keys
            />
          )}
        </div>
        {opened && <Opened event={opened} close={() => setOpened(null)} />}
      </div>
    </div>
  )
}

function counts({ status, events, received, left, skipped }: LiveFeed): string {
  const parts = [STATUS[status], `${number.format(events.length)} shown of ${number.format(received)}`]
  if (left > 0) parts.push(`${number.format(left)} left (the newest ${number.format(MAX_EVENTS)} are kept)`)
  if (skipped > 0) parts.push(`${number.format(skipped)} skipped: they came faster than they could be read`)
  return parts.join(' · ')
}

function servicesOf(events: readonly FeedEvent[]): { value: string }[] {
  const names = new Set(events.map(event => event.service_name).filter(name => typeof name === 'string'))
  return [...names].sort().map(value => ({ value }))
}

function NarrowRow({ event, open }: { event: FeedEvent; open: (event: FeedEvent) => void }) {
  return (
    <button type="button" className="row-link live-narrow" data-row-link onClick={() => open(event)}>
      <span>
        <ClockTime at={event.timestamp} digits={0} /> <span className="live-type">{event.event_type}</span>{' '}
        <span className="mono">{event.event_name}</span> {toneOf(event) && <Level event={event} />}
      </span>
      <span className="live-text">{summaryOf(event)}</span>
    </button>
  )
}

/** One event with all it has. It stays when it leaves the list. */
function Opened({ event, close }: { event: FeedEvent; close: () => void }) {
  return (
    <aside className="live-opened" aria-label={`Event ${event.event_name}`} data-page-keys>
      <header>
        <h2 className="mono">{event.event_name}</h2>
        <CopyButton text={JSON.stringify(event, null, 2)} what="event as JSON" />
        <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={close}>
          <X size={15} aria-hidden="true" />
        </button>
      </header>
      {typeof event.correlation_id === 'string' && (
        <p>
          <Link to="/invocations" search={{ q: event.correlation_id }}>
            Invocations of this correlation
          </Link>
        </p>
      )}
      <JsonTree value={event} />
    </aside>
  )
}
