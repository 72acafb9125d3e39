import { Link, type LinkProps } from '@tanstack/react-router'
import { ArrowDown, ArrowRight, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Delta } from '../model/delta.ts'
import type { Tone } from '../model/status.ts'
import { StatusShape } from './StatusMark.tsx'
import './stat.css'

interface StatProps {
  label: string
  value: ReactNode
  /** Against the window before; null when it cannot be told. */
  delta?: Delta | null | undefined
  /** What the delta is against, when not the window of equal length right before. */
  against?: string | undefined
  /** Which direction is good news; neither, by default. */
  better?: 'up' | 'down'
  /** Below the number: of what, or how it was measured. */
  note?: ReactNode
  tone?: Tone | undefined
  /** The rows behind the number. */
  link?: Pick<LinkProps, 'to' | 'params' | 'search'>
  testId?: string
}

const ARROWS = { up: ArrowUp, down: ArrowDown, same: ArrowRight }

/** One number, what it was before, and the way to the rows it counts. */
export function Stat({ label, value, delta, better, against, note, tone, link, testId }: StatProps) {
  const body = (
    <>
      <span className="stat-label">
        {tone && tone !== 'ok' && <StatusShape tone={tone} />}
        {label}
      </span>
      <span className="stat-value number">{value}</span>
      {delta !== undefined && <StatDelta delta={delta} better={better} against={against} />}
      {note && <span className="stat-note">{note}</span>}
    </>
  )
  return link ? (
    <Link {...link} className="stat" data-testid={testId}>
      {body}
    </Link>
  ) : (
    <div className="stat" data-testid={testId}>
      {body}
    </div>
  )
}

function StatDelta({
  delta,
  better,
  against,
}: {
  delta: Delta | null
  better?: 'up' | 'down' | undefined
  against?: string | undefined
}) {
  if (!delta) return <span className="stat-delta">nothing before</span>
  const Arrow = ARROWS[delta.direction]
  const news = !better || delta.direction === 'same' ? 'none' : delta.direction === better ? 'good' : 'bad'
  return (
    <span
      className="stat-delta"
      data-news={news}
      title={`Against ${against ?? 'the window of equal length right before'}`}
    >
      <Arrow size={12} aria-hidden="true" />
      {delta.text}
    </span>
  )
}
