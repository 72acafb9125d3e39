import { useRef, useState } from 'react'

const KEY = 'observability.waterfall.names'
const STEP = 0.02

/** How wide the names are: a share of the whole that the reader can drag, kept in this browser. */
export function useNameWidth(total: number): [number, React.HTMLAttributes<HTMLElement>] {
  const [share, setShare] = useState(read)
  const dragging = useRef(false)
  const change = (next: number) => {
    const kept = Math.min(0.7, Math.max(0.12, next))
    setShare(kept)
    try {
      localStorage.setItem(KEY, kept.toFixed(3))
    } catch {
      // Storage is switched off: the width lasts until the page is closed.
    }
  }
  // On a phone the names need more of what little there is.
  const width = Math.round(Math.max(Math.min(170, total * 0.46), total * share))
  return [
    width,
    {
      role: 'separator',
      tabIndex: 0,
      'aria-label': 'Width of the names',
      'aria-orientation': 'vertical',
      'aria-valuenow': Math.round(share * 100),
      'aria-valuemin': 12,
      'aria-valuemax': 70,
      onKeyDown: event => {
        const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key]
        if (by === undefined) return
        event.preventDefault()
        event.stopPropagation()
        change(share + by)
      },
      onPointerDown: event => {
        dragging.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      },
      onPointerMove: event => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect()
        if (dragging.current && box && total > 0) change((event.clientX - box.left) / total)
      },
      onPointerUp: () => {
        dragging.current = false
      },
      onPointerCancel: () => {
        dragging.current = false
      },
    },
  ]
}

function read(): number {
  try {
    const kept = Number(localStorage.getItem(KEY))
    return kept >= 0.12 && kept <= 0.7 ? kept : 0.32
  } catch {
    return 0.32
  }
}
