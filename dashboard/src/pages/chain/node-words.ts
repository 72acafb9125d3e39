import type { InvocationRow } from '../../model/chain-rows.ts'
import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import { count, formatCount, shortId, shortTable } from '../../model/names.ts'
import { isRunning, type Status, toInvocationStatus, toStatus } from '../../model/status.ts'

export function nodeStatus(node: ChainNode): Status {
  switch (node.kind) {
    case 'invocation':
      return toInvocationStatus(node.row)
    case 'event':
      return node.row.detected && node.row.status === 'completed'
        ? { tone: 'ok', word: 'detected' }
        : toStatus(node.row.status)
    case 'job':
      return toStatus(node.row.status)
    case 'undetected':
      return node.rows.some(row => isRunning(row.status))
        ? { tone: 'running', word: 'detecting' }
        : toStatus('not_detected')
    case 'folded':
      return { tone: 'quiet', word: 'folded' }
  }
  node satisfies never
}

export function nodeName(node: ChainNode): string {
  switch (node.kind) {
    case 'invocation':
      return changeName(node.row)
    case 'event':
      return node.row.event_name
    case 'job':
      return node.row.job_name
    case 'undetected': {
      const asking = node.rows.filter(row => isRunning(row.status)).length
      const done = node.rows.length - asking
      if (asking === 0) return `${done} not detected`
      return done === 0 ? `${asking} being asked` : `${done} not detected, ${asking} being asked`
    }
    case 'folded':
      return `${formatCount(node.hiddenIds.length)} folded`
  }
  node satisfies never
}

export const KIND_WORDS: Record<ChainNode['kind'], string> = {
  invocation: 'Invocation',
  event: 'Event',
  undetected: 'Events',
  job: 'Job',
  folded: 'Folded',
}

/** `UPDATE orders 1042`; a long key is cut, as everywhere where it only has to be recognised. */
function changeName(row: InvocationRow): string {
  const key = row.source_record_id && shortId(row.source_record_id)
  return [row.source_operation, shortTable(row.source_table), key].filter(Boolean).join(' ')
}

/** The node as a sentence, for those who hear the page. */
export function describeNode(tree: ChainTree, node: ChainNode): string {
  const cause = node.parentId === null ? null : tree.nodes.get(node.parentId)
  const effects = node.childIds.length > 0 ? `, leads to ${count(node.childIds.length, 'node')}` : ''
  const from = cause ? `, caused by ${KIND_WORDS[cause.kind].toLowerCase()} ${nodeName(cause)}` : ', root of the chain'
  return `${KIND_WORDS[node.kind]} ${nodeName(node)}, ${nodeStatus(node).word}${from}${effects}`
}
