import type { ReactNode } from 'react'
import type { Tone } from '../model/status.ts'
import { StatusShape } from './StatusMark.tsx'
import './notice.css'

interface NoticeProps {
  tone?: Tone
  title: string
  children?: ReactNode
  action?: ReactNode
}

/** What stands where content would: why there is none, and what to do. */
export function Notice({ tone = 'quiet', title, children, action }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone} role={tone === 'failed' ? 'alert' : undefined}>
      <StatusShape tone={tone} />
      <div className="notice-text">
        <h2>{title}</h2>
        {children}
        {action && <div className="notice-action">{action}</div>}
      </div>
    </div>
  )
}
