import type { Point } from '../../components/chart/TimeSeries.tsx'
import { fillSteps } from '../../model/fill-steps.ts'
import type { Both, Step } from './queries.ts'
import type { Windows } from './use-windows.ts'

export const AGAINST_LABELS = { before: 'Right before', week: 'A week before' } as const

/** Step by step, the first of one window over the first of the other. */
export function compareSteps(data: Both<Step>, windows: Windows, value: (row: Step | null) => number | null): Point[] {
  const before = fillSteps(data.before, windows.before(), windows.step)
  return fillSteps(data.now, windows.span(), windows.step).map(({ at, row }, index) => ({
    at,
    values: { now: value(row), before: value(before[index]?.row ?? null) },
  }))
}
