import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useApi } from '../api/ApiProvider.tsx'
import {
  isMoving,
  parseRangeSearch,
  previousSpan,
  type RangeSearch,
  resolveRange,
  type TimeSpan,
} from '../model/time-range.ts'

export interface Range extends RangeSearch {
  /** Changes when the address names another range; stays while a range ending now moves on. For `identity`. */
  key: string
  moving: boolean
  /** The span as it is at this moment, in milliseconds. */
  span: () => TimeSpan
  /** The span now, as variables of a query. */
  variables: () => { from: string; to: string }
  /** The span of equal length before it, as variables of a query. */
  before: () => { from: string; to: string }
}

/** The time range that all pages share; it lives in the address as `from` and `to`. */
export function useRange(): Range {
  const { from, to } = parseRangeSearch(useSearch({ strict: false }) as Record<string, unknown>)
  const { config } = useApi()
  return useMemo(() => {
    const given: RangeSearch = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    const span = () => resolveRange(given, Date.now(), config.defaultRange)
    return {
      ...given,
      key: `${from ?? config.defaultRange}/${to ?? 'now'}`,
      moving: isMoving(given),
      span,
      variables: () => toVariables(span()),
      before: () => toVariables(previousSpan(span())),
    }
  }, [from, to, config.defaultRange])
}

/** Puts another range into the address; the way back leads to the range before. */
export function useSetRange(): (range: RangeSearch) => void {
  const navigate = useNavigate()
  return range =>
    void navigate({ to: '.', search: (before: object) => ({ ...before, from: range.from, to: range.to }) } as never)
}

function toVariables({ from, to }: TimeSpan): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}
