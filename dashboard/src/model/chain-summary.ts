import type { InvocationRow } from './chain-rows.ts'
import type { ChainTree } from './chain-tree.ts'
import { isFailed, isRunning, type Status } from './status.ts'
import { type Micros, parseMicros } from './time.ts'

export interface ChainSummary {
  root: InvocationRow
  status: Status
  invocations: number
  /** How many invocations deep: 1 when nothing was caused. */
  levels: number
  eventsAsked: number
  eventsDetected: number
  jobs: { ok: number; failed: number; running: number }
  startedAt: Micros
  /** Null while something runs. */
  endedAt: Micros | null
}

/** What the header of a chain says. `tree` is the whole one, not the folded one. */
export function summarizeChain(tree: ChainTree): ChainSummary {
  const rootNode = tree.nodes.get(tree.rootId)
  if (rootNode?.kind !== 'invocation') throw new Error('a chain starts with an invocation')
  const summary: ChainSummary = {
    root: rootNode.row,
    status: { tone: 'ok', word: 'completed' },
    invocations: 0,
    levels: 1,
    eventsAsked: 0,
    eventsDetected: 0,
    jobs: { ok: 0, failed: 0, running: 0 },
    startedAt: parseMicros(rootNode.row.created_at) ?? 0,
    endedAt: null,
  }
  let running = 0
  let failures = 0
  let lastEnd = summary.startedAt
  const see = (status: string, endedAt: string | null) => {
    if (isRunning(status)) running += 1
    if (isFailed(status)) failures += 1
    lastEnd = Math.max(lastEnd, parseMicros(endedAt) ?? 0)
  }

  for (const node of tree.nodes.values()) {
    if (node.kind === 'undetected') summary.eventsAsked += node.rows.length
    if (node.kind === 'folded' || node.kind === 'undetected') continue
    see(node.row.status, node.row.ended_at)
    if (node.kind === 'invocation') {
      summary.invocations += 1
      summary.levels = Math.max(summary.levels, Math.floor(node.depth / 3) + 1)
    } else if (node.kind === 'event') {
      summary.eventsAsked += 1
      if (node.row.detected) summary.eventsDetected += 1
    } else {
      summary.jobs[isRunning(node.row.status) ? 'running' : isFailed(node.row.status) ? 'failed' : 'ok'] += 1
    }
  }
  if (failures > 0) summary.status = { tone: 'failed', word: 'failed' }
  else if (running > 0) summary.status = { tone: 'running', word: 'running' }
  summary.endedAt = running > 0 ? null : lastEnd
  return summary
}
