import { type RefObject, useEffect, useState } from 'react'
import type { SiblingGroups } from '../../model/waterfall/sibling-groups.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import type { Lines } from '../../model/waterfall/visible-rows.ts'
import { ROW_HEIGHT } from './bars.tsx'
import { rowOfLine } from './line-ids.ts'

interface PlacesProps {
  scroller: RefObject<HTMLElement | null>
  tree: SpanTree
  groups: SiblingGroups
  lines: Lines
  onGo: (row: number) => void
}

const MAX_PLACES = 3
/** Often enough to be read; with every frame it would only flicker. */
const PAUSE_MS = 100

/** Where the first line on the screen belongs, when its parents are scrolled away. */
export function Places({ scroller, tree, groups, lines, onGo }: PlacesProps) {
  const line = lines[Math.min(lines.length - 1, useFirstLine(scroller))]
  if (line === undefined) return null
  const parents: number[] = []
  for (let row = tree.parents[rowOfLine(groups, line)] as number; row >= 0 && parents.length < MAX_PLACES; ) {
    parents.unshift(row)
    row = tree.parents[row] as number
  }
  return parents.map(row => (
    <button key={row} type="button" className="wf-place" title="Go there" onClick={() => onGo(row)}>
      {tree.table.words[tree.table.names[row] as number]}
    </button>
  ))
}

function useFirstLine(scroller: RefObject<HTMLElement | null>): number {
  const [first, setFirst] = useState(0)
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        setFirst(Math.floor(element.scrollTop / ROW_HEIGHT))
      }, PAUSE_MS)
    }
    later()
    element.addEventListener('scroll', later, { passive: true })
    return () => {
      clearTimeout(timer)
      element.removeEventListener('scroll', later)
    }
  }, [scroller])
  return first
}
