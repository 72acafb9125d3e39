import { useRef, useState } from 'react'

/** Shorter drags are clicks. */
const MIN_DRAG = 4

export interface Brush {
  /** What is being chosen, in pixels, while the pointer is down. */
  range: [number, number] | null
  handlers: {
    onPointerDown: (event: React.PointerEvent<HTMLElement>) => void
    onPointerMove: (event: React.PointerEvent<HTMLElement>) => void
    onPointerUp: (event: React.PointerEvent<HTMLElement>) => void
    onPointerCancel: () => void
  }
  /** For an edge that is dragged while the other one stays. */
  edge: (other: number) => { onPointerDown: (event: React.PointerEvent<HTMLElement>) => void }
}

/** Choosing a stretch of time by dragging over it. */
export function useBrush(onChoose: (from: number, to: number) => void): Brush {
  const anchor = useRef<{ x: number; fromEdge: boolean } | null>(null)
  const [range, setRange] = useState<[number, number] | null>(null)
  const xOf = (event: React.PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.min(box.width, Math.max(0, event.clientX - box.left))
  }
  const rangeTo = (x: number): [number, number] | null => {
    const from = anchor.current?.x
    return from === undefined ? null : from < x ? [from, x] : [x, from]
  }
  return {
    range,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return
        // An edge below the pointer has set the anchor to the other edge.
        anchor.current ??= { x: xOf(event), fromEdge: false }
        event.currentTarget.setPointerCapture(event.pointerId)
      },
      onPointerMove(event) {
        const next = rangeTo(xOf(event))
        if (next && (anchor.current?.fromEdge || next[1] - next[0] >= MIN_DRAG)) setRange(next)
      },
      onPointerUp(event) {
        const chosen = rangeTo(xOf(event))
        if (range && chosen && chosen[1] - chosen[0] >= MIN_DRAG) onChoose(...chosen)
        anchor.current = null
        setRange(null)
      },
      onPointerCancel() {
        anchor.current = null
        setRange(null)
      },
    },
    edge: other => ({
      onPointerDown: () => {
        anchor.current = { x: other, fromEdge: true }
      },
    }),
  }
}
