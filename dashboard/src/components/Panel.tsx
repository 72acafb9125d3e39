import { type ReactNode, useId } from 'react'
import type { LiveQuery } from '../api/use-live-query.ts'
import { StatusShape } from './StatusMark.tsx'
import './panel.css'

interface PanelProps<TData> extends AnswerProps<TData> {
  title: string
  /** Beside the title: a count, a link, a switch. */
  aside?: ReactNode
  className?: string
  /** What a link names after `#` to come here. */
  anchor?: string
}

/** A titled part of a page that loads, fails and recovers by itself. */
export function Panel<TData>({ title, aside, className, anchor, ...answer }: PanelProps<TData>) {
  const id = useId()
  return (
    <section id={anchor} className={className ? `panel ${className}` : 'panel'} aria-labelledby={id}>
      <header className="panel-top">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className="panel-aside">{aside}</div>}
      </header>
      <Answer {...answer} />
    </section>
  )
}

interface AnswerProps<TData> {
  query: LiveQuery<TData>
  /** What is missing in an answer that has something to show. */
  partial?: (data: TData) => ReactNode
  /** What to show instead of nothing: an `Empty` that says why and what to do; null when there is something. */
  empty?: (data: TData) => ReactNode
  /** Drawn while nothing is known, with the size of what comes. */
  skeleton?: ReactNode
  children: (data: TData) => ReactNode
}

/** The four states of an answer: on its way, nothing, something, failed. What was read before stays when a read fails. */
export function Answer<TData>({ query, partial, empty, skeleton, children }: AnswerProps<TData>) {
  const { data, failure } = query
  if (data === undefined) return failure ? <ReadFailure query={query} /> : (skeleton ?? <SkeletonRows rows={4} />)
  const missing = partial?.(data)
  return (
    <>
      {failure && <ReadFailure query={query} />}
      {missing && (
        <p className="partial" role="status">
          <StatusShape tone="warning" />
          <span>{missing}</span>
        </p>
      )}
      {empty?.(data) ?? children(data)}
    </>
  )
}

function ReadFailure<TData>({ query }: { query: LiveQuery<TData> }) {
  const { failure, operation, refresh, data } = query
  if (failure?.kind === 'hidden') return <Empty title={failure.message}>An operator does.</Empty>
  return (
    <div className="panel-failure" role="alert">
      <StatusShape tone="failed" />
      <div>
        <strong>{failure?.message}</strong>
        <p>
          Query <code className="mono">{operation}</code>.{' '}
          {data === undefined ? 'It is tried again by itself.' : 'What you see was read before.'}
        </p>
      </div>
      <button type="button" className="button" onClick={refresh}>
        Retry
      </button>
    </div>
  )
}

/** In place of content: why there is none, and what helps. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="panel-empty" data-testid="empty">
      <p className="panel-empty-title">{title}</p>
      {children && <p>{children}</p>}
      {action && <div className="panel-empty-action">{action}</div>}
    </div>
  )
}

export function SkeletonRows({ rows, height = 32 }: { rows: number; height?: number }) {
  return (
    <div className="skeleton-rows" aria-hidden="true" data-testid="skeleton">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height }} />
      ))}
    </div>
  )
}

/** A grey block of the size of what comes: a chart, a card. */
export function SkeletonBlock({ height }: { height: number }) {
  return <div className="skeleton-block" style={{ height }} aria-hidden="true" data-testid="skeleton" />
}
