import type { ReactNode } from 'react'
import type { Tone } from '../model/status.ts'
import { StatusShape } from './StatusMark.tsx'
import './notice.css'

interface NoticeProps {
  tone?: Tone
  title: string
  /** Part of a page that has its own heading. @default false */
  inPage?: boolean
  children?: ReactNode
  action?: ReactNode
}

/** What stands where content would: why there is none, and what to do. */
export function Notice({ tone = 'quiet', title, inPage = false, children, action }: NoticeProps) {
  const Heading = inPage ? 'h2' : 'h1'
  return (
    <div className="notice" data-tone={tone} role={tone === 'failed' ? 'alert' : undefined}>
      <StatusShape tone={tone} />
      <div className="notice-text">
        <Heading>{title}</Heading>
        {children}
        {action && <div className="notice-action">{action}</div>}
      </div>
    </div>
  )
}
