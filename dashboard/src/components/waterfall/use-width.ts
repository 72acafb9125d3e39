import { type RefObject, useLayoutEffect, useState } from 'react'

/** The inner width of an element, without its scroll bar; 0 before it is on the page. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const target = element.current
    if (!target) return
    const update = () => setWidth(target.clientWidth)
    update()
    const observer = new ResizeObserver(update)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return width
}
