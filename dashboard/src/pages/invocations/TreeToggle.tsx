import { ChevronDown, ChevronRight } from 'lucide-react'
import type { RowOptions, ShownRow } from './shown-rows.ts'

/** Opens and closes what an invocation led to. */
export function TreeToggle({ shown: { row }, options }: { shown: ShownRow; options: RowOptions }) {
  const below = options.below.get(row.id)
  // Only jobs lead to other invocations.
  if (row.total_jobs_run === 0) return <span className="tree-toggle" />
  const failure = below && below !== 'loading' && 'failure' in below ? below.failure : null
  const label = failure ?? (below ? 'Hide what it led to' : 'Show what it led to')
  return (
    <button
      type="button"
      className="icon-button tree-toggle over-row"
      aria-expanded={below !== undefined && failure === null}
      aria-label={label}
      title={label}
      data-tone={failure ? 'failed' : undefined}
      onClick={() => options.toggle(row.id)}
    >
      {below && !failure ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
    </button>
  )
}
