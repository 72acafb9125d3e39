import { useEffect, useRef, useState } from 'react'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { isFailedRow } from '../../model/waterfall/spans.ts'
import { isGroupLine, type Lines } from '../../model/waterfall/visible-rows.ts'
import { ROW_HEIGHT } from './bars.tsx'
import { useThemeName } from './use-theme-name.ts'

interface OverviewProps {
  tree: SpanTree
  lines: Lines
  matched: Uint8Array | null
}

const WIDTH = 6

/** Beside the scroll bar: where in all the lines the failures are, and what was found. */
export function Overview({ tree, lines, matched }: OverviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [height, setHeight] = useState(0)
  const theme = useThemeName()
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!canvas.current || !context || height === 0) return
    const style = getComputedStyle(canvas.current)
    const draw = (colour: string, wanted: (row: number) => boolean) => {
      context.fillStyle = style.getPropertyValue(colour)
      lines.forEach((line, index) => {
        if (!isGroupLine(line) && wanted(line)) {
          context.fillRect(0, Math.floor((index / lines.length) * (height - 2)), WIDTH, 2)
        }
      })
    }
    context.clearRect(0, 0, WIDTH, height)
    // Where all lines are seen at once, a mark would stand beside none of them.
    if (lines.length * ROW_HEIGHT <= height) return
    if (matched) draw('--wf-match', row => matched[row] === 1)
    draw('--wf-failed', row => isFailedRow(tree.table, row))
  }, [tree, lines, matched, height, theme])
  return <canvas ref={canvas} className="wf-overview" width={WIDTH} height={height || 1} aria-hidden="true" />
}
