import { memo, type ReactNode } from 'react'
import { formatElapsed, formatMicros } from '../../model/duration.ts'
import { count } from '../../model/names.ts'
import type { Tone } from '../../model/status.ts'
import type { Micros } from '../../model/time.ts'
import type { Segment } from '../../model/waterfall/critical-path.ts'
import { type MarkIndex, marksOf } from '../../model/waterfall/marks.ts'
import { ENDS_AFTER, type OutsideParent, STARTS_BEFORE } from '../../model/waterfall/outside-parent.ts'
import type { SiblingGroups } from '../../model/waterfall/sibling-groups.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import {
  endOf,
  kindOf,
  nameOf,
  type SpanKind,
  type SpanTable,
  toneOf,
  UNDETECTED,
} from '../../model/waterfall/spans.ts'
import type { TimeScale } from '../../model/waterfall/time-scale.ts'
import { groupOfLine, isGroupLine } from '../../model/waterfall/visible-rows.ts'
import { drawBar, Marks, PathPiece, ROW_HEIGHT } from './bars.tsx'

/** Rows count from one, and the first holds the names of the columns. */
export const FIRST_ROW_INDEX = 2

/** What all rows share; a new one makes every row draw itself again. */
export interface RowContext {
  tree: SpanTree
  groups: SiblingGroups
  scale: TimeScale
  now: Micros
  outside: OutsideParent
  marks: MarkIndex | null
  /** The critical path by row; null when it is not shown. */
  path: ReadonlyMap<number, readonly Segment[]> | null
  matched: Uint8Array | null
  collapsed: ReadonlySet<number>
  openGroups: ReadonlySet<number>
  /** Levels deeper than this are not moved further to the right. */
  maxIndent: number
  /** Before the ids of rows, so that two waterfalls may stand on one page. */
  prefix: string
}

interface WaterfallRowProps {
  context: RowContext
  line: number
  index: number
  selected: boolean
}

/**
 * One line. While it scrolls, elements are written anew with every frame instead of being made: so both kinds of lines have the
 * same elements, and their parts are functions and not components. Clicks are heard by the grid.
 */
export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps) {
  return isGroupLine(props.line) ? drawGroup(props) : drawSpan(props)
})

function drawSpan({ context, line: row, index, selected }: WaterfallRowProps) {
  const { tree, scale, now, outside, marks, path, matched, collapsed } = context
  const { table } = tree
  const start = table.starts[row] as number
  const end = endOf(table, row, now)
  const tone = toneOf(table, row)
  const kind = kindOf(table, row)
  const hasChildren = (tree.firstChild[row + 1] as number) > (tree.firstChild[row] as number)
  const folded = collapsed.has(row)
  const below = (tree.sizes[row] as number) - 1
  const failuresBelow = tree.failuresBelow[row] as number
  const flag = outside.flags[row] as number
  const running = Number.isNaN(table.ends[row])
  const length = running ? formatElapsed(end - start) : formatMicros(end - start)
  const inGroup = (context.groups.groupOf[row] as number) >= 0 && matched === null
  const counted = folded && below > 0
  return (
    <div
      {...rowProps(context, index, selected)}
      aria-expanded={hasChildren ? !folded : undefined}
      aria-level={(tree.depths[row] as number) + 1}
      aria-posinset={(tree.ordinals[row] as number) + 1}
      aria-setsize={siblingCount(tree, row)}
      data-span={table.ids[row]}
      data-tone={tone}
      data-kind={kind}
      data-found={matched?.[row] === 1 || undefined}
      data-off-path={path !== null && !path.has(row) ? true : undefined}
    >
      {drawName({
        indent: indentOf(context, row, inGroup ? 1 : 0),
        open: hasChildren ? !folded : null,
        look: lookOf(kind, tone),
        name: nameOf(table, row),
        count: counted && (
          <span className="wf-count" data-tone={failuresBelow > 0 ? 'failed' : undefined}>
            {failuresBelow > 0 ? `+${below}, ${failuresBelow} failed` : `+${below}`}
          </span>
        ),
        shift: flag !== 0 && (
          <span className="wf-outside" title={describeOutside(tree, row, flag, now)}>
            {describeShift(tree, row, flag, now)}
          </span>
        ),
      })}
      <div role="gridcell" className="wf-track" aria-label={`${toneWord(tone)}, ${length}`}>
        {drawBar({
          scale,
          start,
          end,
          look: running ? `${lookOf(kind, tone)} is-unended` : lookOf(kind, tone),
          label: tone === 'ok' ? length : `${toneMark(tone)}${length}`,
          ...(marks && { marks: marksOf(marks, row) }),
        })}
        {marks && <Marks marks={marks} row={row} scale={scale} />}
        {path?.get(row)?.map(segment => (
          <PathPiece key={segment.from} segment={segment} scale={scale} />
        ))}
      </div>
    </div>
  )
}

function drawGroup({ context, line, index, selected }: WaterfallRowProps) {
  const { tree, groups, scale, now, openGroups } = context
  const { table } = tree
  const group = groupOfLine(line)
  const rows = groups.groups[group]?.rows ?? new Int32Array()
  const first = rows[0] as number
  const open = openGroups.has(group)
  const { start, end, longest } = measure(table, rows, now)
  const tone = toneOf(table, first)
  const kind = kindOf(table, first)
  const look = `${lookOf(kind, tone)} is-group`
  const name =
    table.kinds[first] === UNDETECTED ? `${rows.length} not detected` : `${nameOf(table, first)} × ${rows.length}`
  return (
    <div
      {...rowProps(context, index, selected)}
      aria-expanded={open}
      aria-level={(tree.depths[first] as number) + 1}
      aria-posinset={(tree.ordinals[first] as number) + 1}
      aria-setsize={siblingCount(tree, first)}
      data-group={table.ids[first]}
      data-tone={tone}
      data-kind={kind}
    >
      {drawName({ indent: indentOf(context, first, 0), open, look, name, count: false, shift: false })}
      <div role="gridcell" className="wf-track" aria-label={`up to ${formatMicros(longest)}`}>
        {drawBar({ scale, start, end, look, label: `up to ${formatMicros(longest)}` })}
      </div>
    </div>
  )
}

function rowProps(context: RowContext, index: number, selected: boolean) {
  return {
    role: 'row',
    id: `${context.prefix}${index}`,
    className: 'wf-row',
    style: { top: index * ROW_HEIGHT },
    'aria-rowindex': index + FIRST_ROW_INDEX,
    'aria-selected': selected,
  } as const
}

/**
 * Classes of whatever shows what a span is. They stand on those elements themselves: from the row on, each row that takes the
 * place of another would have the styles of all its parts worked out anew, and that with every frame while it scrolls.
 */
function lookOf(kind: SpanKind, tone: Tone): string {
  return `is-${kind} is-${tone}`
}

interface Named {
  indent: number
  /** Null: there is nothing to fold. */
  open: boolean | null
  look: string
  name: string
  /** Behind the name, and not cut off with it. */
  count: ReactNode
  shift: ReactNode
}

function drawName({ indent, open, look, name, count, shift }: Named) {
  return (
    <div role="gridcell" className={count || shift ? 'wf-name wf-noted' : 'wf-name'} style={{ paddingLeft: indent }}>
      <button
        type="button"
        className={open === null ? 'wf-twist' : open ? 'wf-twist is-open' : 'wf-twist is-closed'}
        tabIndex={-1}
        aria-hidden="true"
      />
      <span className={`wf-kind ${look}`} />
      <span className={`wf-label ${look}`}>{name}</span>
      {count}
      {shift}
    </div>
  )
}

function indentOf({ tree, maxIndent }: RowContext, row: number, more: number): number {
  return 4 + Math.min(maxIndent, (tree.depths[row] as number) + more) * 12
}

function siblingCount(tree: SpanTree, row: number): number {
  const parent = tree.parents[row] as number
  if (parent < 0) return tree.tops.length
  return (tree.firstChild[parent + 1] as number) - (tree.firstChild[parent] as number)
}

function measure(table: SpanTable, rows: Int32Array, now: Micros) {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  let longest = 0
  for (const row of rows) {
    const from = table.starts[row] as number
    const to = endOf(table, row, now)
    start = Math.min(start, from)
    end = Math.max(end, to)
    longest = Math.max(longest, to - from)
  }
  return { start, end, longest }
}

function toneWord(tone: string): string {
  return tone === 'quiet' ? 'not detected' : tone
}

/** A shape beside the colour, for what is not well. */
function toneMark(tone: string): string {
  switch (tone) {
    case 'failed':
      return '✕ '
    case 'lost':
      return '◎ '
    case 'warning':
      return '△ '
    default:
      return ''
  }
}

function describeShift({ table, parents }: SpanTree, row: number, flag: number, now: Micros): string {
  const parent = parents[row] as number
  if (flag & STARTS_BEFORE) return `−${formatMicros((table.starts[parent] as number) - (table.starts[row] as number))}`
  return `+${formatMicros(endOf(table, row, now) - endOf(table, parent, now))}`
}

function describeOutside(tree: SpanTree, row: number, flag: number, now: Micros): string {
  const parts = [
    flag & STARTS_BEFORE &&
      `Starts ${describeShift(tree, row, STARTS_BEFORE, now).slice(1)} before its parent: the clocks of two machines disagree. Times are shown as recorded.`,
    flag & ENDS_AFTER && `Ends ${describeShift(tree, row, ENDS_AFTER, now).slice(1)} after its parent.`,
  ]
  return parts.filter(Boolean).join(' ')
}

/** The row as a sentence, for those who hear the page. */
export function describeLine({ tree, groups, now }: Pick<RowContext, 'tree' | 'groups' | 'now'>, line: number): string {
  const { table } = tree
  if (isGroupLine(line)) {
    const rows = groups.groups[groupOfLine(line)]?.rows ?? []
    return `${count(rows.length, 'equal span')}: ${nameOf(table, rows[0] as number)}`
  }
  const length = formatMicros(endOf(table, line, now) - (table.starts[line] as number))
  return `${kindOf(table, line)} ${nameOf(table, line)}, ${toneWord(toneOf(table, line))}, ${length}`
}
