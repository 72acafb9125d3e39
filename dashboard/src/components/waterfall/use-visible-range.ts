import { type RefObject, useEffect, useState } from 'react'

/** Rows drawn above and below what can be seen, so that a quick flick shows no hole. */
const OVERSCAN = 4

/** Which of many rows of one height are to be drawn. Changes only when a row comes or goes, not with each pixel. */
export function useVisibleRange(
  scroller: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): [number, number] {
  const [range, setRange] = useState<[number, number]>([0, 40])
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const update = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - OVERSCAN)
      const last = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + OVERSCAN
      setRange(before => (before[0] === first && before[1] === last ? before : [first, last]))
    }
    update()
    element.addEventListener('scroll', update, { passive: true })
    const observer = new ResizeObserver(update)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', update)
      observer.disconnect()
    }
  }, [scroller, rowHeight])
  return [Math.min(range[0], Math.max(0, count - 1)), Math.min(range[1], count)]
}
