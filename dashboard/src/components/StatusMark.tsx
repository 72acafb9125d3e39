import type { Status, Tone } from '../model/status.ts'
import './status.css'

/** Status as shape and word and colour, so that none of them is needed alone. */
export function StatusMark({ status, wordless = false }: { status: Status; wordless?: boolean }) {
  return (
    <span className="status" data-tone={status.tone} data-status={status.word}>
      <StatusShape tone={status.tone} />
      <span className={wordless ? 'sr-only' : 'status-word'}>{status.word}</span>
    </span>
  )
}

export function StatusShape({ tone }: { tone: Tone }) {
  return (
    <svg className="status-shape" data-tone={tone} viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  )
}

const line = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.8,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

const SHAPES: Record<Tone, React.ReactNode> = {
  ok: <path d="M2.6 7.6 5.7 10.7 11.4 3.8" {...line} />,
  failed: <path d="M3.3 3.3 10.7 10.7M10.7 3.3 3.3 10.7" {...line} />,
  running: (
    <g className="status-spin">
      <circle cx="7" cy="7" r="4.8" {...line} opacity="0.3" />
      <path d="M7 2.2A4.8 4.8 0 0 1 11.8 7" {...line} />
    </g>
  ),
  quiet: <circle cx="7" cy="7" r="3.6" {...line} strokeWidth={1.5} />,
  warning: (
    <>
      <path d="M7 2.3 12.3 11.5H1.7Z" {...line} strokeWidth={1.6} />
      <path d="M7 5.8V8.2" {...line} strokeWidth={1.5} />
      <circle cx="7" cy="9.9" r="0.8" fill="currentColor" />
    </>
  ),
  lost: (
    <>
      <circle cx="7" cy="7" r="5" {...line} strokeWidth={1.3} />
      <circle cx="7" cy="7" r="2" {...line} strokeWidth={1.3} />
    </>
  ),
}
