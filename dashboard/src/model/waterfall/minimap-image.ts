import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, MISSING, TONES } from './spans.ts'
import type { TimeScale } from './time-scale.ts'

/** A picture of everything: for each pixel nothing (0), or 1 + the index in TONES of the most alarming span there. */
export interface MinimapImage {
  width: number
  height: number
  /** Row by row from the top. */
  tones: Uint8Array
}

/**
 * Every span as a line at its place in the order of drawing. Counted into differences along each line of pixels, so the
 * work grows with spans plus pixels and not with what each span covers. Failures are drawn last and two pixels wide and
 * high at least: none vanishes, however many spans share the picture.
 */
export function drawMinimap(tree: SpanTree, scale: TimeScale, height: number, now: Micros): MinimapImage {
  const width = Math.max(1, Math.floor(scale.width))
  const { table, order } = tree
  const tones = new Uint8Array(width * height)
  const perLine = Math.max(1, order.length) / height
  for (let tone = 0; tone < TONES.length; tone++) {
    const differences = new Int32Array((width + 1) * height)
    const loud = tone >= TONES.indexOf('lost')
    let any = false
    for (let position = 0; position < order.length; position++) {
      const row = order[position] as number
      if (table.tones[row] !== tone || table.kinds[row] === MISSING) continue
      any = true
      const from = clamp(Math.floor(scale.toX(table.starts[row] as number)), width - (loud ? 2 : 1))
      const to = Math.max(from + (loud ? 2 : 1), clamp(Math.ceil(scale.toX(endOf(table, row, now))), width))
      const top = Math.min(height - 1, Math.floor(position / perLine))
      // With fewer spans than lines each takes all of its lines but one, so that they stay apart.
      const bottom = Math.max(top + 1, Math.floor((position + 1) / perLine) - (perLine < 0.34 ? 1 : 0))
      const lines = loud ? Math.max(bottom, top + 2) : bottom
      for (let line = top; line < Math.min(lines, height); line++) {
        const at = line * (width + 1)
        differences[at + from] = (differences[at + from] as number) + 1
        differences[at + to] = (differences[at + to] as number) - 1
      }
    }
    if (any) paint(tones, differences, width, height, tone + 1)
  }
  return { width, height, tones }
}

function paint(tones: Uint8Array, differences: Int32Array, width: number, height: number, value: number): void {
  for (let line = 0; line < height; line++) {
    let covering = 0
    for (let x = 0; x < width; x++) {
      covering += differences[line * (width + 1) + x] as number
      if (covering > 0) tones[line * width + x] = value
    }
  }
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(0, value), Math.max(0, high))
}
