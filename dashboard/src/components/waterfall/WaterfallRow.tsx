import { memo } from 'react'
import { formatElapsed, formatMicros } from '../../model/duration.ts'
import { count } from '../../model/names.ts'
import type { Micros } from '../../model/time.ts'
import type { Segment } from '../../model/waterfall/critical-path.ts'
import { clusterMarks, type MarkIndex, marksOf } from '../../model/waterfall/marks.ts'
import { ENDS_AFTER, type OutsideParent, STARTS_BEFORE } from '../../model/waterfall/outside-parent.ts'
import type { SiblingGroups } from '../../model/waterfall/sibling-groups.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { endOf, kindOf, nameOf, type SpanTable, toneOf, UNDETECTED } from '../../model/waterfall/spans.ts'
import type { TimeScale } from '../../model/waterfall/time-scale.ts'
import { groupOfLine, isGroupLine } from '../../model/waterfall/visible-rows.ts'

export const ROW_HEIGHT = 24
/** What a number beside a bar needs. */
const LABEL_ROOM = 68

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
  onChoose: (line: number) => void
  onToggle: (line: number) => void
}

interface WaterfallRowProps {
  context: RowContext
  line: number
  index: number
  selected: boolean
}

export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps) {
  return isGroupLine(props.line) ? <GroupRow {...props} /> : <SpanRow {...props} />
})

function SpanRow({ context, line: row, index, selected }: WaterfallRowProps) {
  const { tree, scale, now, outside, marks, path, matched, collapsed } = context
  const { table } = tree
  const start = table.starts[row] as number
  const end = endOf(table, row, now)
  const tone = toneOf(table, row)
  const hasChildren = (tree.firstChild[row + 1] as number) > (tree.firstChild[row] as number)
  const folded = collapsed.has(row)
  const below = (tree.sizes[row] as number) - 1
  const failuresBelow = tree.failuresBelow[row] as number
  const flag = outside.flags[row] as number
  const running = Number.isNaN(table.ends[row])
  const length = running ? formatElapsed(end - start) : formatMicros(end - start)
  const inGroup = (context.groups.groupOf[row] as number) >= 0 && matched === null
  return (
    <div
      {...rowProps(context, row, index, selected)}
      aria-expanded={hasChildren ? !folded : undefined}
      aria-level={(tree.depths[row] as number) + 1}
      aria-posinset={(tree.ordinals[row] as number) + 1}
      aria-setsize={siblingCount(tree, row)}
      data-span={table.ids[row]}
      data-tone={tone}
      data-kind={kindOf(table, row)}
      data-found={matched?.[row] === 1 || undefined}
      data-off-path={path !== null && !path.has(row) ? true : undefined}
    >
      <div role="gridcell" className="wf-name" style={indent(context, row, inGroup ? 1 : 0)}>
        <Twist open={hasChildren ? !folded : null} onToggle={() => context.onToggle(row)} />
        <span className="wf-kind" />
        <span className="wf-label">{nameOf(table, row)}</span>
        {folded && below > 0 && (
          <span className="wf-count" data-tone={failuresBelow > 0 ? 'failed' : undefined}>
            {failuresBelow > 0 ? `+${below}, ${failuresBelow} failed` : `+${below}`}
          </span>
        )}
        {flag !== 0 && (
          <span className="wf-outside" title={describeOutside(tree, row, flag, now)}>
            {describeShift(tree, row, flag, now)}
          </span>
        )}
      </div>
      <div role="gridcell" className="wf-track" aria-label={`${toneWord(tone)}, ${length}`}>
        <Bar
          scale={scale}
          start={start}
          end={end}
          running={running}
          label={tone === 'ok' ? length : `${toneMark(tone)}${length}`}
        />
        {marks && <Marks marks={marks} row={row} scale={scale} />}
        {path?.get(row)?.map(segment => (
          <PathPiece key={segment.from} segment={segment} scale={scale} />
        ))}
      </div>
    </div>
  )
}

function GroupRow({ context, line, index, selected }: WaterfallRowProps) {
  const { tree, groups, scale, now, openGroups } = context
  const { table } = tree
  const group = groupOfLine(line)
  const rows = groups.groups[group]?.rows ?? new Int32Array()
  const first = rows[0] as number
  const open = openGroups.has(group)
  const { start, end, longest } = measure(table, rows, now)
  const name =
    table.kinds[first] === UNDETECTED ? `${rows.length} not detected` : `${nameOf(table, first)} × ${rows.length}`
  return (
    <div
      {...rowProps(context, line, index, selected)}
      aria-expanded={open}
      aria-level={(tree.depths[first] as number) + 1}
      aria-posinset={(tree.ordinals[first] as number) + 1}
      aria-setsize={siblingCount(tree, first)}
      data-group={table.ids[first]}
      data-tone={toneOf(table, first)}
      data-kind={kindOf(table, first)}
    >
      <div role="gridcell" className="wf-name" style={indent(context, first, 0)}>
        <Twist open={open} onToggle={() => context.onToggle(line)} />
        <span className="wf-kind" />
        <span className="wf-label wf-group-label">{name}</span>
      </div>
      <div role="gridcell" className="wf-track" aria-label={`up to ${formatMicros(longest)}`}>
        <Bar scale={scale} start={start} end={end} running={false} label={`up to ${formatMicros(longest)}`} />
      </div>
    </div>
  )
}

function rowProps(context: RowContext, line: number, index: number, selected: boolean) {
  return {
    role: 'row',
    id: `${context.prefix}${index}`,
    className: 'wf-row',
    style: { top: index * ROW_HEIGHT },
    'aria-rowindex': index + 2,
    'aria-selected': selected,
    onClick: () => context.onChoose(line),
    onDoubleClick: () => context.onToggle(line),
  } as const
}

function Twist({ open, onToggle }: { open: boolean | null; onToggle: () => void }) {
  if (open === null) return <span className="wf-twist" />
  return (
    <button
      type="button"
      className="wf-twist"
      tabIndex={-1}
      aria-hidden="true"
      data-open={open}
      onClick={event => {
        event.stopPropagation()
        onToggle()
      }}
    />
  )
}

interface BarProps {
  scale: TimeScale
  start: Micros
  end: Micros
  running: boolean
  label: string
}

/** Drawn where it is; outside the window only the number says that there is something. */
function Bar({ scale, start, end, running, label }: BarProps) {
  const x0 = scale.toX(start)
  const x1 = scale.toX(end)
  if (x1 < 0 || x0 > scale.width) {
    const before = x1 < 0
    return (
      <span className="wf-away" style={before ? { left: 4 } : { right: 4 }}>
        {before ? `← ${label}` : `${label} →`}
      </span>
    )
  }
  const left = Math.max(-4, x0)
  const right = Math.max(left + 2, Math.min(scale.width + 4, x1))
  return (
    <>
      <span className="wf-bar" data-open={running || undefined} style={{ left, width: right - left }} />
      <span className="wf-length" style={placeLabel(left, right, scale.width)}>
        {label}
      </span>
    </>
  )
}

/** Beside the bar where there is room, right first; else on it. */
function placeLabel(left: number, right: number, width: number): React.CSSProperties {
  if (right + LABEL_ROOM <= width) return { left: right + 5 }
  if (left >= LABEL_ROOM) return { right: width - left + 5 }
  return { right: Math.max(6, width - right + 6), color: 'var(--wf-on-bar)' }
}

function Marks({ marks, row, scale }: { marks: MarkIndex; row: number; scale: TimeScale }) {
  const own = marksOf(marks, row)
  if (own.length === 0) return null
  const clusters = clusterMarks(own, scale)
  const changes = clusters.filter(cluster => cluster.changes > 0)
  const logs = clusters.filter(cluster => cluster.changes === 0)
  const loud = logs.filter(({ tone }) => tone === 'failed' || tone === 'warning')
  const quiet = logs.filter(cluster => !loud.includes(cluster))
  // One path for each look, however many marks there are.
  return (
    <svg className="wf-marks" aria-hidden="true">
      <path className="wf-mark-log" d={quiet.map(({ x }) => diamond(x, 3)).join('')} />
      {loud.length > 0 && <path className="wf-mark-loud" d={loud.map(({ x }) => diamond(x, 3.6)).join('')} />}
      {changes.length > 0 && <path className="wf-mark-change" d={changes.map(({ x }) => diamond(x, 4.4)).join('')} />}
    </svg>
  )
}

function diamond(x: number, size: number): string {
  const y = ROW_HEIGHT / 2
  return `M${x.toFixed(1)},${y - size}l${size},${size}l${-size},${size}l${-size},${-size}Z`
}

function PathPiece({ segment, scale }: { segment: Segment; scale: TimeScale }) {
  const left = Math.max(-4, scale.toX(segment.from))
  const right = Math.min(scale.width + 4, scale.toX(segment.to))
  if (right < 0 || left > scale.width) return null
  return (
    <span
      className="wf-path"
      data-waiting={segment.waiting || undefined}
      style={{ left, width: Math.max(1, right - left) }}
    />
  )
}

function indent({ tree, maxIndent }: RowContext, row: number, more: number): React.CSSProperties {
  return { paddingLeft: 4 + Math.min(maxIndent, (tree.depths[row] as number) + more) * 12 }
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
