import type { Micros } from '../time.ts'
import { extentOf } from './idle-gaps.ts'
import { FAILED, KINDS, LOST, RUNNING, type SpanTable } from './spans.ts'

export interface SpanCounts {
  invocations: number
  eventsAsked: number
  eventsDetected: number
  jobs: { ok: number; failed: number; running: number }
  startedAt: Micros
  /** Null while something runs. */
  endedAt: Micros | null
}

/** What a header says, counted over all spans, however many there are. */
export function countSpans(table: SpanTable): SpanCounts {
  const byKind = KINDS.map(() => ({ all: 0, failed: 0, running: 0 }))
  for (let row = 0; row < table.length; row++) {
    const counts = byKind[table.kinds[row] as number] as (typeof byKind)[number]
    const tone = table.tones[row] as number
    counts.all += 1
    if (tone === FAILED || tone === LOST) counts.failed += 1
    if (tone === RUNNING) counts.running += 1
  }
  const of = (kind: (typeof KINDS)[number]) => byKind[KINDS.indexOf(kind)] as (typeof byKind)[number]
  const jobs = of('job')
  const { from, to } = extentOf(table, 0)
  return {
    invocations: of('invocation').all,
    eventsAsked: of('event').all + of('undetected').all,
    eventsDetected: of('event').all,
    jobs: { ok: jobs.all - jobs.failed - jobs.running, failed: jobs.failed, running: jobs.running },
    startedAt: from,
    endedAt: byKind.some(({ running }) => running > 0) ? null : to,
  }
}
