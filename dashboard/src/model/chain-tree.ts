import type { EventRow, InvocationRow, JobRow, UndetectedRow } from './chain-rows.ts'
import { isFailed, isRunning } from './status.ts'
import { parseMicros } from './time.ts'

interface NodeBase {
  id: string
  /** Null for the root. */
  parentId: string | null
  childIds: string[]
  /** Distance from the root in nodes: invocation 0, event 1, job 2, invocation 3, … */
  depth: number
}

export interface InvocationNode extends NodeBase {
  kind: 'invocation'
  row: InvocationRow
  /** The job named as its cause is in none of the rows: hung under the root, so that it is not lost from sight. */
  orphan: boolean
}
export interface EventNode extends NodeBase {
  kind: 'event'
  row: EventRow
  invocation: InvocationRow
}
export interface UndetectedNode extends NodeBase {
  kind: 'undetected'
  rows: UndetectedRow[]
  invocation: InvocationRow
}
export interface JobNode extends NodeBase {
  kind: 'job'
  row: JobRow
  event: EventRow
  invocation: InvocationRow
}
/** Stands for nodes that are not drawn because there are too many. Made by foldTree only. */
export interface FoldedNode extends NodeBase {
  kind: 'folded'
  hiddenIds: string[]
  /** Of the hidden, the direct children of the parent: the roots of what is folded. */
  topIds: string[]
}

export type ChainNode = InvocationNode | EventNode | UndetectedNode | JobNode | FoldedNode

export interface ChainTree {
  rootId: string
  /** In order of drawing: parents before children, siblings by time. */
  nodes: Map<string, ChainNode>
  /** The root names a job of this same chain as its cause: the edge that closes the circle is left out. */
  loop: { jobNodeId: string } | null
}

/** Rows, in any order, to a tree. Null when the root is not among them. Iterative, and a circle ends it nowhere. */
export function buildChainTree(rows: readonly InvocationRow[], rootInvocationId: string): ChainTree | null {
  const root = rows.find(row => row.id === rootInvocationId)
  if (!root) return null

  const causedBy = groupByCause(rows)
  const nodes = new Map<string, ChainNode>()
  // Every invocation is queued once: that is what ends a circle.
  const queued = new Set<string>()
  let loop: ChainTree['loop'] = null

  const addBelow = (start: InvocationRow, startParent: ChainNode | null): ChainNode => {
    queued.add(start.id)
    const first = addInvocation(nodes, start, startParent, startParent !== null)
    const jobs = [...first.jobs]
    // The list grows while it is walked.
    for (const job of jobs) {
      for (const caused of causedBy.get(job.row.id) ?? []) {
        if (caused.id === rootInvocationId) loop = { jobNodeId: job.id }
        if (queued.has(caused.id)) continue
        queued.add(caused.id)
        jobs.push(...addInvocation(nodes, caused, job, false).jobs)
      }
    }
    return first.node
  }

  const rootNode = addBelow(root, null)
  for (const row of sortedByTime(rows)) {
    if (!queued.has(row.id)) addBelow(row, rootNode)
  }
  return { rootId: rootNode.id, nodes, loop }
}

function addInvocation(
  nodes: Map<string, ChainNode>,
  row: InvocationRow,
  parent: ChainNode | null,
  orphan: boolean,
): { node: ChainNode; jobs: JobNode[] } {
  const node = add(nodes, parent, {
    kind: 'invocation',
    id: invocationNodeId(row.id),
    row,
    orphan,
    // An orphan stands in the column of invocations, three to the right of the root.
    depth: orphan ? 3 : undefined,
  })
  const jobs: JobNode[] = []
  const undetected: UndetectedRow[] = [...(row.undetected ?? [])]
  for (const event of sortedByTime(row.event_executions)) {
    if (isFoldable(event)) {
      undetected.push(event)
      continue
    }
    const eventNode = add(nodes, node, { kind: 'event', id: `event:${event.id}`, row: event, invocation: row })
    for (const job of sortedByTime(event.job_executions)) {
      jobs.push(
        add(nodes, eventNode, { kind: 'job', id: `job:${job.id}`, row: job, event, invocation: row }) as JobNode,
      )
    }
  }
  if (undetected.length > 0) {
    add(nodes, node, { kind: 'undetected', id: `undetected:${row.id}`, rows: undetected, invocation: row })
  }
  return { node, jobs }
}

/** Not detected, or not answered yet: the verdict decides later whether it earns a node. An error earns one at once. */
function isFoldable(event: EventRow): boolean {
  return !event.detected && !isFailed(event.status) && !event.detection_error && event.job_executions.length === 0
}

type NodeSeed = {
  [K in ChainNode['kind']]: Omit<Extract<ChainNode, { kind: K }>, 'parentId' | 'childIds' | 'depth'>
}[ChainNode['kind']] & { depth?: number | undefined }

function add(nodes: Map<string, ChainNode>, parent: ChainNode | null, seed: NodeSeed): ChainNode {
  const node = {
    ...seed,
    parentId: parent?.id ?? null,
    childIds: [],
    depth: seed.depth ?? (parent ? parent.depth + 1 : 0),
  } as ChainNode
  nodes.set(node.id, node)
  parent?.childIds.push(node.id)
  return node
}

function groupByCause(rows: readonly InvocationRow[]): Map<string, InvocationRow[]> {
  const groups = new Map<string, InvocationRow[]>()
  for (const row of sortedByTime(rows)) {
    if (!row.source_job_id) continue
    const group = groups.get(row.source_job_id)
    if (group) group.push(row)
    else groups.set(row.source_job_id, [row])
  }
  return groups
}

interface Timed {
  created_at: string
  id: string
}

/**
 * By start, then id: a later row always comes after the ones already drawn, so those keep their places. The server sorts
 * already, which is seen in one pass; reading thousands of times to sort what is sorted would be noticed.
 */
function sortedByTime<T extends Timed>(rows: readonly T[]): readonly T[] {
  const starts = rows.map(row => parseMicros(row.created_at) ?? 0)
  const compare = (a: number, b: number): number => {
    const difference = (starts[a] as number) - (starts[b] as number)
    if (difference !== 0) return difference
    const [idA, idB] = [(rows[a] as T).id, (rows[b] as T).id]
    return idA < idB ? -1 : idA > idB ? 1 : 0
  }
  const isSorted = rows.every((_, index) => index === 0 || compare(index - 1, index) <= 0)
  return isSorted ? rows : [...rows.keys()].sort(compare).map(index => rows[index] as T)
}

export function invocationNodeId(invocationId: string): string {
  return `invocation:${invocationId}`
}

/** Whether this node itself is at work now: what an animated edge may lead into. */
export function isNodeRunning(node: ChainNode): boolean {
  if (node.kind === 'undetected') return node.rows.some(row => isRunning(row.status))
  return node.kind !== 'folded' && isRunning(node.row.status)
}

export function isNodeFailed(node: ChainNode): boolean {
  return node.kind !== 'undetected' && node.kind !== 'folded' && isFailed(node.row.status)
}
