import { ROWS_PER_STEP, runAtOnce, type Steps } from '../slices.ts'
import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, LOST, MISSING, TONES } from './spans.ts'
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
  return runAtOnce(minimapSteps(tree, scale, height, now))
}

/** The same, for so many spans that drawing them must not keep the page from answering. */
export function* minimapSteps(tree: SpanTree, scale: TimeScale, height: number, now: Micros): Steps<MinimapImage> {
  const width = Math.max(1, Math.floor(scale.width))
  const { table, order } = tree
  const perLine = Math.max(1, order.length) / height
  const differencesOf: (Int32Array | undefined)[] = TONES.map(() => undefined)
  for (let position = 0; position < order.length; position++) {
    if (position % ROWS_PER_STEP === 0) yield
    const row = order[position] as number
    if (table.kinds[row] === MISSING) continue
    const tone = table.tones[row] as number
    const loud = tone >= LOST
    let differences = differencesOf[tone]
    if (!differences) {
      differences = new Int32Array((width + 1) * height)
      differencesOf[tone] = differences
    }
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
  const tones = new Uint8Array(width * height)
  for (const [tone, differences] of differencesOf.entries()) {
    if (differences) paint(tones, differences, width, height, tone + 1)
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
