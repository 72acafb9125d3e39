import type { Delta } from '../model/delta.ts'

/** A change against the window before, in a cell. */
export function DeltaText({ delta, better }: { delta: Delta | null; better?: 'up' | 'down' }) {
  if (!delta) return <span className="quiet">–</span>
  const news = !better || delta.direction === 'same' ? 'none' : delta.direction === better ? 'good' : 'bad'
  return (
    <span className="stat-delta" data-news={news}>
      {delta.text}
    </span>
  )
}
