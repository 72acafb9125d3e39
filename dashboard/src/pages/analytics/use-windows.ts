import { useMemo } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { type Range, useRange } from '../../components/use-range.ts'
import {
  type Against,
  type ComparedWindows,
  comparedSpan,
  comparedWindows,
  stepOf,
} from '../../model/compared-windows.ts'
import { chartStep, type TimeSpan } from '../../model/time-range.ts'

export interface Windows {
  range: Range
  against: Against
  /** Both windows at this moment, as variables of a query. */
  variables: () => ComparedWindows
  span: () => TimeSpan
  before: () => TimeSpan
  /** How long a bar lasts, in milliseconds. */
  step: number
  /** The same as Postgres reads it. */
  interval: string
  /** For `identity`. */
  key: string
  /** How often totals are read again. */
  every: number
}

/** The window of the address and the one it is compared with. */
export function useWindows(against: Against): Windows {
  const range = useRange()
  const { config } = useApi()
  return useMemo(() => {
    const step = stepOf(range.span(), chartStep)
    return {
      range,
      against,
      variables: () => comparedWindows(range.span(), against),
      span: range.span,
      before: () => comparedSpan(range.span(), against),
      step,
      interval: `${step / 1000} seconds`,
      key: `${range.key} ${against}`,
      // Sums over a whole window change slowly and cost more than a list.
      every: Math.max(1, Math.round(config.overviewPollIntervalMs / config.pollIntervalMs)),
    }
  }, [range, against, config])
}
