import { type RefObject, useEffect, useRef } from 'react'
import { panWindow, type TimeScale, type Window, type WorkTime, zoomWindow } from '../../model/waterfall/time-scale.ts'

/** Ctrl and the wheel (or a pinch) zoom around the pointer; a sideways wheel, or Shift, moves. Else the rows scroll. */
export function useWheel(
  scroller: RefObject<HTMLElement | null>,
  nameWidth: number,
  scale: TimeScale,
  window: Window,
  work: WorkTime,
  onWindow: (window: Window) => void,
): void {
  const latest = useRef({ nameWidth, scale, window, work, onWindow })
  latest.current = { nameWidth, scale, window, work, onWindow }
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      const { nameWidth, scale, window, work, onWindow } = latest.current
      const x = event.clientX - element.getBoundingClientRect().left - nameWidth
      if (x < 0) return
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        onWindow(zoomWindow(work, window, scale.toWork(x), Math.exp(event.deltaY * 0.002)))
        return
      }
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return
      event.preventDefault()
      onWindow(panWindow(work, window, sideways * scale.microsPerPixel))
    }
    // Not passive: the browser's own zoom has to be kept from happening.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [scroller])
}
