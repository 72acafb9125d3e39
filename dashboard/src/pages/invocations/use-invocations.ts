import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { type ApiFailure, toFailure } from '../../api/client.ts'
import { remember } from '../../api/last-results.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { reveal } from '../../components/find/known-users.ts'
import type { Range } from '../../components/use-range.ts'
import { appendOlder, mergeNewest, refreshRows } from '../../model/merge-rows.ts'
import { newerRows, olderRows } from '../../model/row-place.ts'
import { isRunning } from '../../model/status.ts'
import { type ListRow, NEWEST_INVOCATIONS, OLDER_INVOCATIONS, SLOWEST_INVOCATIONS } from './queries.ts'
import type { InvocationsSearch } from './url.ts'
import { toWhere, within } from './where.ts'

export const PAGE_SIZE = 100
const MAX_SLOWEST = 1_000

export interface InvocationList {
  /** Undefined before the first answer. */
  rows: ListRow[] | undefined
  total: number | null
  /** Rows that came while the list stood still. */
  waiting: number
  showWaiting: () => void
  loadOlder: () => Promise<unknown>
  /** False when no more can be shown in this order, though there are more. */
  canLoadMore: boolean
  loadingOlder: boolean
  olderFailure: ApiFailure | null
  failure: ApiFailure | null
  refresh: () => void
}

interface Kept {
  rows: ListRow[] | undefined
  pages: number
}

/** The list under one filter. While `still`, rows keep their places and new ones are only counted. */
export function useInvocations(search: InvocationsSearch, range: Range, still: boolean): InvocationList {
  const { client, lastResults } = useApi()
  const paused = usePaused()
  const filter = useMemo(() => toWhere(reveal(search)), [search])
  // What it is a list of; the start of a range that moves with the clock does not make it another list.
  const identity = useMemo(() => [filter, range.key], [filter, range.key])
  const where = () => within(filter, range.variables(), range.moving)
  const isSlowest = search.sort === 'duration'
  const memoryKey = `rows ${JSON.stringify(identity)}`
  const [kept, setKept] = useState<Kept & { key: string }>(() => recall(lastResults, memoryKey))
  const current = kept.key === memoryKey ? kept : recall(lastResults, memoryKey)
  const top = current.rows?.[0]
  const standing = (still || paused) && top !== undefined
  const runningIds = runningBelow(current.rows)

  const newest = useLiveQuery(
    NEWEST_INVOCATIONS,
    () => ({
      where: where(),
      limit: PAGE_SIZE,
      newer: standing ? { _and: [where(), newerRows(top, 'created_at')] } : {},
      countNewer: standing,
      runningIds,
      readRunning: runningIds.length > 0,
    }),
    // What it is a list of stays the same while it is scrolled, and a pause goes on counting.
    { leads: true, whilePaused: true, identity, skip: isSlowest },
  )
  const [slowestPages, setSlowestPages] = useState(1)
  const slowest = useLiveQuery(SLOWEST_INVOCATIONS, () => ({ where: where(), limit: slowestPages * PAGE_SIZE }), {
    leads: true,
    identity: [identity, slowestPages],
    every: 5,
    skip: !isSlowest,
  })

  const lastSlowest = useRef<ListRow[] | undefined>(undefined)
  if (slowest.data) lastSlowest.current = slowest.data.invocations
  useEffect(() => {
    lastSlowest.current = undefined
    setSlowestPages(1)
  }, [identity])

  const update = useCallback(
    (change: (before: Kept) => Kept) =>
      setKept(before => {
        const base = before.key === memoryKey ? before : recall(lastResults, memoryKey)
        const after = { ...change(base), key: memoryKey }
        remember(lastResults, memoryKey, after)
        return after
      }),
    [lastResults, memoryKey],
  )

  const { data } = newest
  const mode = useRef({ standing, paused })
  mode.current = { standing, paused }
  useEffect(() => {
    if (!data) return
    update(before => {
      const { rows, pages } = before
      if (mode.current.paused && rows) return before
      const fresh = refreshRows(rows ?? [], [...data.invocations, ...(data.running ?? [])])
      if (mode.current.standing && rows) return { rows: fresh, pages }
      return { rows: mergeNewest(fresh, data.invocations, PAGE_SIZE, pages * PAGE_SIZE), pages }
    })
  }, [data, update])

  const [older, setOlder] = useState<{ loading: boolean; failure: ApiFailure | null }>({
    loading: false,
    failure: null,
  })
  const loadOlder = async () => {
    const last = current.rows?.[current.rows.length - 1]
    if (!last || older.loading) return
    setOlder({ loading: true, failure: null })
    try {
      const { data } = await client.query({
        query: OLDER_INVOCATIONS,
        variables: { where: { _and: [where(), olderRows(last, 'created_at')] }, limit: PAGE_SIZE },
        fetchPolicy: 'no-cache',
      })
      const found = data?.invocations ?? []
      update(({ rows, pages }) => ({ rows: appendOlder(rows ?? [], found), pages: pages + 1 }))
      setOlder({ loading: false, failure: null })
    } catch (error) {
      setOlder({ loading: false, failure: toFailure(error) })
    }
  }

  const showWaiting = () => {
    if (data)
      update(({ rows, pages }) => ({
        rows: mergeNewest(rows ?? [], data.invocations, PAGE_SIZE, pages * PAGE_SIZE),
        pages,
      }))
    newest.refresh()
  }

  if (isSlowest) {
    // A server gives a reader at most 1,000 rows at once.
    const canGrow = slowestPages * PAGE_SIZE < MAX_SLOWEST
    return {
      rows: slowest.data?.invocations ?? lastSlowest.current,
      total: slowest.data?.invocations_aggregate.aggregate?.count ?? null,
      waiting: 0,
      showWaiting: () => {},
      loadOlder: async () => canGrow && setSlowestPages(pages => pages + 1),
      canLoadMore: canGrow,
      loadingOlder: slowest.data === undefined && slowest.failure === null,
      olderFailure: null,
      failure: slowest.failure,
      refresh: slowest.refresh,
    }
  }
  return {
    canLoadMore: true,
    rows: current.rows,
    total: data?.invocations_aggregate.aggregate?.count ?? null,
    waiting: standing ? (data?.newer?.aggregate?.count ?? 0) : 0,
    showWaiting,
    loadOlder,
    loadingOlder: older.loading,
    olderFailure: older.failure,
    failure: newest.failure,
    refresh: newest.refresh,
  }
}

/** Running rows below the window that is read anyway. */
function runningBelow(rows: readonly ListRow[] | undefined): string[] {
  return (rows ?? [])
    .slice(PAGE_SIZE)
    .filter(row => isRunning(row.status))
    .map(row => row.id)
}

function recall(results: Map<string, unknown>, key: string): Kept & { key: string } {
  return { ...((results.get(key) as Kept | undefined) ?? { rows: undefined, pages: 1 }), key }
}
