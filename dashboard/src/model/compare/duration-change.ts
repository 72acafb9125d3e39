import { percentDelta } from '../delta.ts'
import { toDuration } from '../duration.ts'

export interface Timed {
  created_at: string
  ended_at: string | null
  /** Whole milliseconds, where the end is not known. */
  duration_ms: number | null
}

/** How much longer the right side took. */
export interface DurationChange {
  /** `+120 %`, `no change`; empty when one of them is not known. */
  text: string
  /** At least twice as long or half as long, and by no less than 50 ms: noise is smaller. */
  large: boolean
}

const NOISE_MICROS = 50_000

export function durationChange(left: Timed | null, right: Timed | null): DurationChange {
  const before = left && toDuration(left.created_at, left.ended_at, left.duration_ms)
  const after = right && toDuration(right.created_at, right.ended_at, right.duration_ms)
  if (!before || !after) return { text: '', large: false }
  const small = Math.min(before.micros, after.micros)
  const big = Math.max(before.micros, after.micros)
  return {
    text: percentDelta(after.micros, before.micros)?.text ?? '',
    large: big - small >= NOISE_MICROS && big >= 2 * small,
  }
}
