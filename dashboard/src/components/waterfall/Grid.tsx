import { type KeyboardEvent, type MouseEvent, memo, type RefObject } from 'react'
import type { Lines } from '../../model/waterfall/visible-rows.ts'
import { ROW_HEIGHT } from './bars.tsx'
import { useVisibleRange } from './use-visible-range.ts'
import { FIRST_ROW_INDEX, type RowContext, WaterfallRow } from './WaterfallRow.tsx'

interface GridProps {
  grid: RefObject<HTMLDivElement | null>
  scroller: RefObject<HTMLDivElement | null>
  context: RowContext
  lines: Lines
  /** Of the active line; -1 when there is none. */
  index: number
  label: string
  onKeyDown: (event: KeyboardEvent) => void
  onChoose: (line: number) => void
  onToggle: (line: number) => void
}

/** The lines as a tree for those who hear it. The only part that is drawn anew while it scrolls. */
export const Grid = memo(function Grid(props: GridProps) {
  const { grid, scroller, context, lines, index, label, onChoose, onToggle } = props
  const { first, last, slotOf } = useVisibleRange(scroller, ROW_HEIGHT, lines.length)
  // One handler for all rows: they come and go with every frame while it scrolls.
  const onClick = (event: MouseEvent) => {
    const { line, onTwist } = hitOf(event, lines)
    if (line !== undefined) (onTwist ? onToggle : onChoose)(line)
  }
  const onDoubleClick = (event: MouseEvent) => {
    const { line, onTwist } = hitOf(event, lines)
    if (line !== undefined && !onTwist) onToggle(line)
  }
  return (
    <div
      ref={grid}
      className="wf-grid"
      role="treegrid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={lines.length + 1}
      aria-colcount={2}
      aria-activedescendant={index >= first && index < last ? `${context.prefix}${index}` : undefined}
      data-space-pauses
      onKeyDown={props.onKeyDown}
    >
      <div role="row" className="sr-only" aria-rowindex={1}>
        <span role="columnheader">Name</span>
        <span role="columnheader">Time</span>
      </div>
      <div ref={scroller} className="wf-scroller" role="rowgroup">
        <div
          className="wf-lines"
          style={{ height: lines.length * ROW_HEIGHT }}
          role="presentation"
          onClick={onClick}
          onDoubleClick={onDoubleClick}
        >
          {Array.from(lines.subarray(first, last), (line, offset) => (
            <WaterfallRow
              key={slotOf(first + offset)}
              context={context}
              line={line}
              index={first + offset}
              selected={first + offset === index}
            />
          ))}
        </div>
      </div>
    </div>
  )
})

/** The line that was clicked, and whether that was where it is folded. */
function hitOf({ target }: MouseEvent, lines: Lines): { line: number | undefined; onTwist: boolean } {
  const element = target instanceof Element ? target : null
  const row = element?.closest('.wf-row')
  const line = row ? lines[Number(row.getAttribute('aria-rowindex')) - FIRST_ROW_INDEX] : undefined
  return { line, onTwist: Boolean(element?.closest('.wf-twist:is(.is-open, .is-closed)')) }
}
