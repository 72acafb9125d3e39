import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { type ApiFailure, toFailure } from '../../api/client.ts'
import { remember } from '../../api/last-results.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import type { Range } from '../../components/use-range.ts'
import type { LogFilters } from '../../model/log-query.ts'
import { appendOlder, mergeNewest } from '../../model/merge-rows.ts'
import { newerRows, olderRows } from '../../model/row-place.ts'
import { type LogLine, type LogWindow, NEWEST_LOGS, OLDER_LOGS } from './queries.ts'

export const PAGE_SIZE = 200

export interface LogList {
  /** Undefined before the first answer. */
  lines: LogLine[] | undefined
  /** Lines that came while the list stood still. */
  waiting: number
  showWaiting: () => void
  loadOlder: () => Promise<void>
  loadingOlder: boolean
  olderFailure: ApiFailure | null
  /** Whether there is nothing older in the time range. */
  isWhole: boolean
  failure: ApiFailure | null
  refresh: () => void
}

interface Kept {
  lines: LogLine[] | undefined
  pages: number
  isWhole: boolean
}

const NOTHING: Kept = { lines: undefined, pages: 1, isWhole: false }

/** The window as a query takes it. A range that ends now has no end: clocks of other machines may be ahead. */
export function windowOf(range: Range, filters: LogFilters): LogWindow {
  const { from, to } = range.variables()
  return { since: from, until: range.moving && range.to === undefined ? 'infinity' : to, filters }
}

/** The lines under one filter, newest first. While `still`, lines keep their places and new ones are only counted. */
export function useLogs(filters: LogFilters, range: Range, still: boolean): LogList {
  const { client, lastResults } = useApi()
  const paused = usePaused()
  const key = useMemo(() => `logs ${JSON.stringify([filters, range.key])}`, [filters, range.key])
  const [kept, setKept] = useState<Kept & { key: string }>(() => recall(lastResults, key))
  const current = kept.key === key ? kept : recall(lastResults, key)
  const top = current.lines?.[0]
  const standing = (still || paused) && top !== undefined

  const newest = useLiveQuery(
    NEWEST_LOGS,
    () => ({
      ...windowOf(range, filters),
      limit: PAGE_SIZE,
      newer: standing ? newerRows(top, 'timestamp') : {},
      countNewer: standing,
    }),
    // What it is a list of stays the same while it is scrolled, and a pause goes on counting.
    { leads: true, whilePaused: true, identity: key, every: range.moving ? 1 : 10 },
  )

  const update = useCallback(
    (change: (before: Kept) => Kept) =>
      setKept(before => {
        const base = before.key === key ? before : recall(lastResults, key)
        const after = { ...change(base), key }
        remember(lastResults, key, after)
        return after
      }),
    [lastResults, key],
  )
  const showNewest = useCallback(
    (found: readonly LogLine[]) =>
      update(({ lines = [], pages, isWhole }) => {
        const merged = mergeNewest(lines, found, PAGE_SIZE, pages * PAGE_SIZE)
        // Whatever was cut off or let go is older, and can be loaded again.
        return { lines: merged, pages, isWhole: found.length < PAGE_SIZE || (isWhole && merged.length >= lines.length) }
      }),
    [update],
  )

  const { data } = newest
  const mode = useRef(standing)
  mode.current = standing
  useEffect(() => {
    if (data && !mode.current) showNewest(data.lines)
  }, [data, showNewest])

  const [older, setOlder] = useState<{ loading: boolean; failure: ApiFailure | null }>({
    loading: false,
    failure: null,
  })
  const loadOlder = async () => {
    const last = current.lines?.at(-1)
    if (!last || older.loading || current.isWhole) return
    setOlder({ loading: true, failure: null })
    try {
      const answer = await client.query({
        query: OLDER_LOGS,
        variables: { ...windowOf(range, filters), limit: PAGE_SIZE, where: olderRows(last, 'timestamp') },
        fetchPolicy: 'no-cache',
      })
      const found = answer.data?.lines ?? []
      update(({ lines, pages }) => ({
        lines: appendOlder(lines ?? [], found),
        pages: pages + 1,
        isWhole: found.length < PAGE_SIZE,
      }))
      setOlder({ loading: false, failure: null })
    } catch (error) {
      setOlder({ loading: false, failure: toFailure(error) })
    }
  }

  return {
    lines: current.lines,
    waiting: standing ? (data?.newer?.aggregate?.count ?? 0) : 0,
    showWaiting() {
      if (data) showNewest(data.lines)
      newest.refresh()
    },
    loadOlder,
    loadingOlder: older.loading,
    olderFailure: older.failure,
    isWhole: current.isWhole,
    failure: newest.failure,
    refresh: newest.refresh,
  }
}

function recall(results: Map<string, unknown>, key: string): Kept & { key: string } {
  return { ...((results.get(key) as Kept | undefined) ?? NOTHING), key }
}
