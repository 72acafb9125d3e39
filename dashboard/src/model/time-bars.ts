import type { ChainTree } from './chain-tree.ts'
import { isRunning } from './status.ts'
import { type Micros, parseMicros } from './time.ts'

/** Where on the chain's time line a node lies, as shares of its length. */
export interface TimeBar {
  start: number
  length: number
  /** It still runs: the bar is open to the right. */
  open: boolean
}

/** From the first start to the last known end. What runs reaches to the end of the line, but does not stretch it. */
export function timeBars(tree: ChainTree): Map<string, TimeBar> {
  const spans = new Map<string, { start: Micros; end: Micros | null; open: boolean }>()
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const node of tree.nodes.values()) {
    if (node.kind === 'folded' || node.kind === 'undetected') continue
    const start = parseMicros(node.row.created_at)
    if (start === null) continue
    const end = parseMicros(node.row.ended_at)
    first = Math.min(first, start)
    last = Math.max(last, end ?? start)
    spans.set(node.id, { start, end, open: isRunning(node.row.status) })
  }
  const total = last - first
  const bars = new Map<string, TimeBar>()
  for (const [id, { start, end, open }] of spans) {
    if (total <= 0 || (end === null && !open)) continue
    const from = (start - first) / total
    const to = end === null ? 1 : (end - first) / total
    bars.set(id, { start: from, length: Math.max(0, to - from), open })
  }
  return bars
}
