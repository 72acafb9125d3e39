import { useCallback, useMemo, useRef, useState } from 'react'
import type { Micros } from '../../model/time.ts'
import { type CriticalPath, findCriticalPath } from '../../model/waterfall/critical-path.ts'
import { findSpans, parseSpanQuery } from '../../model/waterfall/find-spans.ts'
import { extentOf } from '../../model/waterfall/idle-gaps.ts'
import type { OutsideParent } from '../../model/waterfall/outside-parent.ts'
import { idleGapsOf, outsideParentOf } from '../../model/waterfall/settled.ts'
import { groupSiblings, type SiblingGroups } from '../../model/waterfall/sibling-groups.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { createWorkTime, type Window, type WorkTime } from '../../model/waterfall/time-scale.ts'
import { flatten, type Lines, revealing, withAncestors } from '../../model/waterfall/visible-rows.ts'
import type { WaterfallState } from './waterfall-state.ts'

/** Idle time is folded unasked when a pause is at least this long. */
const LONG_PAUSE: Micros = 30e6

export interface WaterfallModel {
  tree: SpanTree
  now: Micros
  groups: SiblingGroups
  lines: Lines
  outside: OutsideParent
  work: WorkTime
  window: Window
  /** How many pauses could be folded. */
  pauses: number
  idleFolded: boolean
  path: CriticalPath | null
  matches: Int32Array
  /** For each row 1 when it is found; null while nothing is searched for. */
  matched: Uint8Array | null
  problems: readonly string[]
  collapsed: ReadonlySet<number>
  openGroups: ReadonlySet<number>
  folding: FoldingActions
}

export interface FoldingActions {
  toggleRow: (row: number) => void
  toggleGroup: (group: number) => void
  /** Unfolds whatever hides a row. */
  reveal: (row: number) => void
  foldAll: () => void
  unfoldAll: () => void
  /** Shows so many levels, counted from the top; what is deeper is folded. */
  showLevels: (change: 1 | -1) => void
}

/** What the spans and the reader's choices make together. Folding is remembered by id: it survives a chain that grows. */
export function useWaterfall(tree: SpanTree, now: Micros, state: WaterfallState, minTotal: Micros): WaterfallModel {
  const groups = useMemo(() => groupSiblings(tree), [tree])
  const { collapsed, openGroups, folding } = useFolding(tree, groups)
  const outside = useMemo(() => outsideParentOf(tree, now), [tree, now])
  const path = useMemo(() => (state.path ? findCriticalPath(tree, now) : null), [tree, now, state.path])

  const query = useMemo(() => parseSpanQuery(state.q), [state.q])
  const matches = useMemo(() => findSpans(tree, query, now), [tree, query, now])
  const matched = useMemo(() => {
    if (query.terms.length === 0) return null
    const marks = new Uint8Array(tree.table.length)
    for (const row of matches) marks[row] = 1
    return marks
  }, [tree, query, matches])
  const keep = useMemo(
    () => (state.only && query.terms.length > 0 ? withAncestors(tree, matches) : null),
    [tree, query, matches, state.only],
  )
  const lines = useMemo(
    () => flatten(tree, groups, { collapsed, openGroups, keep }),
    [tree, groups, collapsed, openGroups, keep],
  )

  const extent = useMemo(() => {
    const { from, to } = extentOf(tree.table, now)
    return { from, to: Math.max(to, from + minTotal) }
  }, [tree, now, minTotal])
  const gaps = useMemo(() => idleGapsOf(tree, now), [tree, now])
  const idleFolded = state.idle ?? gaps.some(gap => gap.to - gap.from >= LONG_PAUSE)
  const work = useMemo(() => createWorkTime(extent, idleFolded ? gaps : []), [extent, gaps, idleFolded])
  const { zoom } = state
  const window = useMemo(() => {
    if (!zoom) return { from: 0, to: work.total }
    const from = Math.min(Math.max(0, work.toWork(extent.from + zoom.from)), work.total - 1)
    const to = Math.min(work.total, work.toWork(extent.from + zoom.to))
    return { from, to: Math.max(to, from + 1) }
  }, [zoom, work, extent.from])

  return {
    tree,
    now,
    groups,
    lines,
    outside,
    work,
    window,
    pauses: gaps.length,
    idleFolded,
    path,
    matches,
    matched,
    problems: query.problems,
    collapsed,
    openGroups,
    folding,
  }
}

function useFolding(tree: SpanTree, groups: SiblingGroups) {
  const [collapsedIds, setCollapsedIds] = useState<ReadonlySet<string>>(new Set())
  // A group is known by its first span: later siblings come behind it.
  const [openIds, setOpenIds] = useState<ReadonlySet<string>>(new Set())
  const { table, rowOf, depths, firstChild } = tree

  const collapsed = useMemo(() => {
    const rows = new Set<number>()
    for (const id of collapsedIds) {
      const row = rowOf.get(id)
      if (row !== undefined) rows.add(row)
    }
    return rows
  }, [rowOf, collapsedIds])
  const openGroups = useMemo(() => {
    const open = new Set<number>()
    for (const id of openIds) {
      const group = groups.groupOf[rowOf.get(id) ?? -1] ?? -1
      if (group >= 0) open.add(group)
    }
    return open
  }, [rowOf, groups, openIds])

  const idOfGroup = useCallback(
    (group: number) => table.ids[groups.groups[group]?.rows[0] as number] as string,
    [table, groups],
  )
  const parentsDownTo = useCallback(
    (depth: number) => {
      const ids = new Set<string>()
      for (let row = 0; row < table.length; row++) {
        const hasChildren = (firstChild[row + 1] as number) > (firstChild[row] as number)
        if (hasChildren && (depths[row] as number) >= depth) ids.add(table.ids[row] as string)
      }
      return ids
    },
    [table, depths, firstChild],
  )
  const levels = useRef<number | null>(null)
  const folding = useMemo<FoldingActions>(
    () => ({
      toggleRow: row => setCollapsedIds(before => toggled(before, table.ids[row] as string)),
      toggleGroup: group => setOpenIds(before => toggled(before, idOfGroup(group))),
      reveal: row => {
        const hiding = revealing(tree, groups, row)
        setCollapsedIds(before =>
          without(
            before,
            hiding.rows.map(at => table.ids[at] as string),
          ),
        )
        setOpenIds(before => withAll(before, hiding.groups.map(idOfGroup)))
      },
      foldAll: () => {
        levels.current = null
        setCollapsedIds(parentsDownTo(0))
        setOpenIds(new Set())
      },
      unfoldAll: () => {
        levels.current = null
        setCollapsedIds(new Set())
        setOpenIds(new Set(groups.groups.map((_, group) => idOfGroup(group))))
      },
      showLevels: change => {
        const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0)
        levels.current = Math.min(deepest, Math.max(0, (levels.current ?? deepest) + change))
        setCollapsedIds(parentsDownTo(levels.current))
      },
    }),
    [tree, table, groups, depths, idOfGroup, parentsDownTo],
  )
  return { collapsed, openGroups, folding }
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}

function without(set: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  if (!ids.some(id => set.has(id))) return set
  const next = new Set(set)
  for (const id of ids) next.delete(id)
  return next
}

function withAll(set: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  return ids.every(id => set.has(id)) ? set : new Set([...set, ...ids])
}
