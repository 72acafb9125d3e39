import { useEffect, useMemo, useRef } from 'react'
import { formatOffset } from '../../model/duration.ts'
import { runInSlices } from '../../model/slices.ts'
import type { Micros } from '../../model/time.ts'
import { minimapSteps } from '../../model/waterfall/minimap-image.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { TONES } from '../../model/waterfall/spans.ts'
import { createTimeScale, panWindow, type Window, type WorkTime } from '../../model/waterfall/time-scale.ts'
import { paintTones } from './paint.ts'
import { useBrush } from './use-brush.ts'
import { useThemeName } from './use-theme-name.ts'

export const MINIMAP_HEIGHT = 56

interface MinimapProps {
  tree: SpanTree
  work: WorkTime
  now: Micros
  width: number
  window: Window
  /** Null shows everything. */
  onWindow: (window: Window | null) => void
}

/** Everything at once, whatever part is shown below. Drag to choose a part, drag its edges, or use the arrow keys on them. */
export function Minimap({ tree, work, now, width, window, onWindow }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useThemeName()
  const scale = useMemo(() => createTimeScale(work, { from: 0, to: work.total }, width), [work, width])
  useEffect(() => {
    const element = canvas.current
    if (!element || width <= 0) return
    const controller = new AbortController()
    runInSlices(minimapSteps(tree, scale, MINIMAP_HEIGHT, now), controller.signal).then(
      image => paintTones(element, image, TONES),
      error => {
        if (!controller.signal.aborted) throw error
      },
    )
    return () => controller.abort()
  }, [tree, scale, now, width, theme])

  const toX = (at: Micros) => scale.toX(work.toTime(at))
  const brush = useBrush((from, to) => onWindow({ from: scale.toWork(from), to: scale.toWork(to) }))
  const left = Math.max(0, window.from <= 0 ? 0 : toX(window.from))
  const right = window.to >= work.total ? width : toX(window.to)
  const whole = window.from <= 0 && window.to >= work.total
  const move = (edge: 'from' | 'to' | 'both', by: number) => {
    const step = ((window.to - window.from) / 20) * by
    if (edge === 'both') onWindow(panWindow(work, window, step))
    else if (edge === 'from')
      onWindow({ from: Math.max(0, Math.min(window.from + step, window.to - 1)), to: window.to })
    else onWindow({ from: window.from, to: Math.min(work.total, Math.max(window.to + step, window.from + 1)) })
  }
  const sliderProps = (edge: 'from' | 'to') => ({
    role: 'slider',
    tabIndex: 0,
    'aria-label': edge === 'from' ? 'Start of what is shown' : 'End of what is shown',
    'aria-valuemin': 0,
    'aria-valuemax': Math.round(work.total),
    'aria-valuenow': Math.round(window[edge]),
    'aria-valuetext': formatOffset(work.toTime(window[edge]) - work.extent.from),
    onKeyDown: (event: React.KeyboardEvent) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: 5, PageDown: -5 }[event.key]
      if (by === undefined) return
      event.preventDefault()
      event.stopPropagation()
      move(event.shiftKey ? 'both' : edge, by)
    },
  })

  return (
    <div
      className="wf-minimap"
      data-testid="minimap"
      data-brushing={brush.range ? true : undefined}
      style={{ height: MINIMAP_HEIGHT }}
      onDoubleClick={() => onWindow(null)}
      {...brush.handlers}
    >
      <canvas ref={canvas} width={Math.max(1, Math.floor(width))} height={MINIMAP_HEIGHT} />
      {!whole && <span className="wf-veil" style={{ left: 0, width: left }} />}
      {!whole && <span className="wf-veil" style={{ left: right, right: 0 }} />}
      {brush.range && (
        <span className="wf-brush" style={{ left: brush.range[0], width: brush.range[1] - brush.range[0] }} />
      )}
      <span className="wf-handle" style={{ left }} {...sliderProps('from')} {...brush.edge(right)} />
      <span className="wf-handle" style={{ left: right }} {...sliderProps('to')} {...brush.edge(left)} />
    </div>
  )
}
