import { Cog, Database, DatabaseZap, type LucideIcon, SquareFunction, Zap } from 'lucide-react'
import { formatMicros } from '../../model/duration.ts'
import type { MapEdge, MapKind, MapNode } from '../../model/map/map-graph.ts'
import { count, formatCount, shortTable } from '../../model/names.ts'
import { formatRate } from '../../model/rate.ts'

export const KIND_ICONS: Record<MapKind, LucideIcon> = {
  table: Database,
  function: SquareFunction,
  module: Zap,
  job: Cog,
  written: DatabaseZap,
}

export const KIND_WORDS: Record<MapKind, string> = {
  table: 'Table',
  function: 'Function',
  module: 'Event module',
  job: 'Job',
  written: 'Table, written by jobs',
}

export const COLUMN_WORDS: Record<MapKind, string> = {
  table: 'Tables that change',
  function: 'Functions',
  module: 'Event modules',
  job: 'Jobs',
  written: 'Tables that jobs write',
}

/** What the number of a node counts. */
const UNITS: Record<MapKind, string> = {
  table: 'invocation',
  function: 'invocation',
  module: 'detection',
  job: 'run',
  written: 'invocation',
}

export function nodeLabel(node: MapNode): string {
  if (node.folded > 1 || node.name === '…') return `${formatCount(node.folded)} more`
  return node.kind === 'table' || node.kind === 'written' ? shortTable(node.name) : node.name
}

export const nodeCount = (node: MapNode): string => count(node.calls, UNITS[node.kind])

/** `12.3 / min · 4 failed · p95 380 ms`, with what is not known left out. */
export function edgeLabel({ calls, failed, p95Ms }: MapEdge, spanMs: number): string {
  const parts = [formatRate(calls, spanMs)]
  if (failed > 0) parts.push(`${formatCount(failed)} failed`)
  if (p95Ms !== null) parts.push(`p95 ${formatMs(p95Ms)}`)
  return parts.join(' · ')
}

export const formatMs = (ms: number): string => formatMicros(Math.round(ms * 1000))

/** The list of invocations that a node stands for. */
export function rowsOf({ kind, name }: MapNode): { table?: string[]; function?: string[]; q?: string } {
  switch (kind) {
    case 'table':
      return { table: [name] }
    case 'function':
      return { function: [name] }
    case 'module':
      return { q: `module:${name}` }
    case 'job':
      return { q: `job:${name}` }
    case 'written':
      return { table: [name], q: '-is:root' }
  }
}
