import { type RefObject, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** Rows drawn above and below what can be seen, so that a quick flick shows no hole. */
const OVERSCAN = 4
/** Until it is known how many there is room for. */
const AT_FIRST = 40

/** A stretch of rows, drawn with as many elements as there are slots: whoever leaves lends its slot to who comes. */
export interface VisibleRange {
  first: number
  /** The first that is not drawn. */
  last: number
  /** What stands for a row while it is drawn. Neighbours' slots are neighbours. */
  slotOf: (index: number) => number
}

interface Slots {
  first: number
  slots: number
  /** The slot of the first row. */
  turn: number
}

/** Which of many rows of one height are to be drawn. Changes only when a row comes or goes, not with each pixel. */
export function useVisibleRange(
  scroller: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): VisibleRange {
  const [{ first, slots, turn }, setDrawn] = useState<Slots>({ first: 0, slots: AT_FIRST, turn: 0 })
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const update = () => {
      const room = Math.ceil(element.clientHeight / rowHeight) + 1 + 2 * OVERSCAN
      const wanted = Math.floor(element.scrollTop / rowHeight) - OVERSCAN
      const start = Math.max(0, Math.min(wanted, count - room))
      setDrawn(before => moveSlots(before, start, room))
    }
    // In the frame that shows the new place, not in the one after it.
    const updateNow = () => flushSync(update)
    update()
    element.addEventListener('scroll', updateNow, { passive: true })
    const observer = new ResizeObserver(update)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', updateNow)
      observer.disconnect()
    }
  }, [scroller, rowHeight, count])
  const start = Math.max(0, Math.min(first, count - slots))
  return { first: start, last: Math.min(start + slots, count), slotOf: index => modulo(index - start + turn, slots) }
}

/**
 * A small step turns the slots, so that rows that stay keep theirs. After a leap hardly any stays, and moving elements about
 * costs more than writing anew what is in them.
 */
function moveSlots(before: Slots, first: number, slots: number): Slots {
  if (before.first === first && before.slots === slots) return before
  const step = first - before.first
  const turns = slots === before.slots && Math.abs(step) <= slots / 2
  return { first, slots, turn: turns ? modulo(before.turn + step, slots) : before.turn }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
