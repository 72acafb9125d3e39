import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useApi, usePaused } from '../../api/ApiProvider.tsx'
import { type ApiFailure, toFailure } from '../../api/client.ts'
import { remember } from '../../api/last-results.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import type { Range } from '../../components/use-range.ts'
import type { LogFilters } from '../../model/log-query.ts'
import { addNewest, appendOlder, mergeNewest } from '../../model/merge-rows.ts'
import { newerRows, olderRows } from '../../model/row-place.ts'
import { type LogLine, type LogWindow, NEWEST_LOGS, OLDER_LOGS } from './queries.ts'
import { useLogStream } from './use-log-stream.ts'

export const PAGE_SIZE = 200
/** Intervals between reads of the list while a stream tells of new lines: some come later than their time says. */
const EVERY_BESIDE_STREAM = 5

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
  // What was told of while the list stands still: the newest lines, and how many there were.
  const held = useRef<LogLine[]>([])
  const [heldCount, setHeldCount] = useState(0)
  // What was told of since the last read that was answered began: its answer may not have it yet.
  const recent = useRef<{ line: LogLine; toldAt: number }[]>([])
  const readBegan = useRef(0)
  const listener = useRef({ lines: (_: readonly LogLine[]) => {}, overrun: () => {} })
  const isStreaming = useLogStream({
    filters,
    newest: top,
    enabled: range.moving && current.lines !== undefined,
    listener: listener.current,
  })

  const newest = useLiveQuery(
    NEWEST_LOGS,
    () => {
      readBegan.current = performance.now()
      return {
        ...windowOf(range, filters),
        limit: PAGE_SIZE,
        newer: standing ? newerRows(top, 'timestamp') : {},
        countNewer: standing,
      }
    },
    // What it is a list of stays the same while it is scrolled, and a pause goes on counting.
    {
      leads: true,
      whilePaused: true,
      identity: key,
      every: range.moving ? (isStreaming ? EVERY_BESIDE_STREAM : 1) : 10,
    },
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
        const keep = pages * PAGE_SIZE
        const read = mergeNewest(lines, found, PAGE_SIZE, keep)
        // Whatever was cut off or let go is older, and can be loaded again.
        const hasAll = found.length < PAGE_SIZE || (isWhole && read.length >= lines.length)
        const told = recent.current.map(({ line }) => line)
        return { lines: addNewest(read, told, keep, hasAll), pages, isWhole: hasAll }
      }),
    [update],
  )

  const { data } = newest
  const mode = useRef(standing)
  mode.current = standing
  // The lines of the answer that is on screen.
  const shown = useRef<LogLine[] | undefined>(undefined)
  useEffect(() => {
    if (!data) return
    recent.current = recent.current.filter(({ toldAt }) => toldAt >= readBegan.current)
    if (mode.current) return
    shown.current = data.lines
    showNewest(data.lines)
  }, [data, showNewest])

  const showTold = useCallback(
    (told: readonly LogLine[]) =>
      update(({ lines = [], pages, isWhole }) => {
        const keep = pages * PAGE_SIZE
        const merged = addNewest(lines, told, keep, isWhole)
        return { lines: merged, pages, isWhole: isWhole && lines.length + told.length <= keep }
      }),
    [update],
  )
  const { refresh } = newest
  listener.current.lines = told => {
    const toldAt = performance.now()
    recent.current = [...recent.current, ...told.map(line => ({ line, toldAt }))].slice(-PAGE_SIZE)
    if (!mode.current) return showTold(told)
    held.current = addNewest(held.current, told, PAGE_SIZE, true)
    setHeldCount(n => n + told.length)
  }
  listener.current.overrun = refresh
  const showHeld = useCallback(() => {
    // What was told of first is let go when there is too much: then the list has to be read.
    if (held.current.length < PAGE_SIZE) showTold(held.current)
    held.current = []
    setHeldCount(0)
    refresh()
  }, [showTold, refresh])
  useEffect(() => {
    if (!standing && held.current.length > 0) showHeld()
  }, [standing, showHeld])
  useEffect(() => {
    held.current = []
    recent.current = []
    setHeldCount(0)
  }, [key])

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
    // Either may know of lines that the other does not know yet.
    waiting: standing ? Math.max(data?.newer?.aggregate?.count ?? 0, heldCount) : 0,
    showWaiting() {
      // An older answer than what is on screen would take away what was told of since.
      if (data && data.lines !== shown.current) showNewest(data.lines)
      showHeld()
    },
    loadOlder,
    loadingOlder: older.loading,
    olderFailure: older.failure,
    isWhole: current.isWhole,
    failure: newest.failure,
    refresh,
  }
}

function recall(results: Map<string, unknown>, key: string): Kept & { key: string } {
  return { ...((results.get(key) as Kept | undefined) ?? NOTHING), key }
}
