import type { Micros } from '../time.ts'
import type { Extent, Gap } from './idle-gaps.ts'

/** The width of a folded gap, in pixels, at any zoom. */
export const BREAK_WIDTH = 24
/** Nobody can look at less. */
export const MIN_WINDOW: Micros = 1

/**
 * The part of the time that is shown, in microseconds of *work*: as the clock runs, but standing still in folded gaps.
 * 0 is the start of everything.
 */
export interface Window {
  from: Micros
  to: Micros
}

/** Time without the folded gaps. */
export interface WorkTime {
  extent: Extent
  gaps: readonly Gap[]
  /** How long all work is. */
  total: Micros
  /** How much work had been done by then; a time within a gap counts as its start. */
  toWork: (at: Micros) => Micros
  /** The time at which so much work had been done: at a gap, its end. */
  toTime: (work: Micros) => Micros
  /** Where each gap lies. */
  gapWork: readonly Micros[]
}

export function createWorkTime(extent: Extent, gaps: readonly Gap[]): WorkTime {
  const gapWork: Micros[] = []
  let folded = 0
  for (const gap of gaps) {
    gapWork.push(gap.from - extent.from - folded)
    folded += gap.to - gap.from
  }
  const total = Math.max(MIN_WINDOW, extent.to - extent.from - folded)
  return {
    extent,
    gaps,
    total,
    gapWork,
    toWork(at) {
      let work = at - extent.from
      for (const gap of gaps) {
        if (at <= gap.from) break
        work -= Math.min(at, gap.to) - gap.from
      }
      return work
    },
    toTime(work) {
      let at = extent.from + work
      gapWork.forEach((gapAt, index) => {
        const gap = gaps[index] as Gap
        if (gapAt <= work) at += gap.to - gap.from
      })
      return at
    },
  }
}

/** Where times are on the screen. */
export interface TimeScale {
  width: number
  window: Window
  work: WorkTime
  /** Pixels from the left edge; a folded gap takes BREAK_WIDTH. */
  toX: (at: Micros) => number
  /** The time under a pixel; within a folded gap its share of the gap. */
  toTime: (x: number) => Micros
  /** The amount of work under a pixel, for zooming. */
  toWork: (x: number) => Micros
  breaks: readonly { x: number; width: number; gap: Gap }[]
  microsPerPixel: number
}

export function createTimeScale(work: WorkTime, window: Window, width: number): TimeScale {
  const inside = work.gaps
    .map((gap, index) => ({ gap, at: work.gapWork[index] as number }))
    .filter(({ at }) => at >= window.from && at < window.to)
  // With more gaps than there is room for, they share half of it.
  const breakWidth = inside.length === 0 ? 0 : Math.min(BREAK_WIDTH, width / 2 / inside.length)
  const pixels = Math.max(1, width - inside.length * breakWidth)
  const perPixel = Math.max(MIN_WINDOW, window.to - window.from) / pixels
  const breaks = inside.map(({ gap, at }, index) => ({
    x: (at - window.from) / perPixel + index * breakWidth,
    width: breakWidth,
    gap,
  }))
  const toWork = (x: number) => {
    let left = x
    for (const { x: start, width: wide } of breaks) {
      if (x <= start) break
      left -= Math.min(wide, x - start)
    }
    return window.from + left * perPixel
  }
  return {
    width,
    window,
    work,
    breaks,
    microsPerPixel: perPixel,
    toWork,
    toX(at) {
      let x = (work.toWork(at) - window.from) / perPixel
      for (const { width: wide, gap } of breaks) {
        if (at <= gap.from) break
        x += wide * Math.min(1, (at - gap.from) / (gap.to - gap.from))
      }
      return x
    },
    toTime(x) {
      const over = breaks.find(({ x: start, width: wide }) => x > start && x < start + wide)
      if (over) return over.gap.from + ((x - over.x) / over.width) * (over.gap.to - over.gap.from)
      // At the edge of a gap the rounding of one division must not lead to its other side.
      const before = breaks.findLast(({ x: start, width: wide }) => x >= start + wide)
      const after = breaks.find(({ x: start }) => x <= start)
      const at = work.toTime(toWork(x))
      return clamp(at, before?.gap.to ?? Number.NEGATIVE_INFINITY, after?.gap.from ?? Number.POSITIVE_INFINITY)
    },
  }
}

/** Zooms by a factor (below 1: closer) around an amount of work that keeps its place. */
export function zoomWindow(work: WorkTime, window: Window, around: Micros, factor: number): Window {
  const length = clamp((window.to - window.from) * factor, MIN_WINDOW, work.total)
  const share = (around - window.from) / (window.to - window.from)
  return moveInside(work, around - share * length, length)
}

export function panWindow(work: WorkTime, window: Window, by: Micros): Window {
  return moveInside(work, window.from + by, window.to - window.from)
}

/** A window of the length given, as near to the start wanted as the ends allow. */
function moveInside(work: WorkTime, from: Micros, length: Micros): Window {
  const start = clamp(from, 0, Math.max(0, work.total - length))
  return { from: start, to: start + length }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
