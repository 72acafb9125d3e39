import type { TypedDocumentNode } from '@apollo/client'
import { useEffect, useMemo, useState } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { toFailure } from '../../api/client.ts'
import { type LiveQuery, useLiveQuery } from '../../api/use-live-query.ts'
import { useNow } from '../../components/use-now.ts'
import { runAtOnce, runInSlices, type Steps } from '../../model/slices.ts'
import type { Tone } from '../../model/status.ts'
import { type Micros, parseMicros } from '../../model/time.ts'
import { type SpanPage, type SpansRead, spanPagesSteps } from '../../model/waterfall/from-columns.ts'
import { indexMarks, type Mark, type MarkIndex } from '../../model/waterfall/marks.ts'
import { settleSteps } from '../../model/waterfall/settled.ts'
import { type SpanTree, spanTreeSteps } from '../../model/waterfall/span-tree.ts'
import { MAX_INVOCATIONS, MAX_MARKS, type MarkRow, PAGE_SIZE, SPAN_MARKS, SPANS } from './queries.ts'

export interface Spans {
  /** The answer with the first page: its states are those of the page. */
  query: LiveQuery<{ waterfall_columns: SpanPage[] }>
  /** Null before there is anything. */
  shown: { tree: SpanTree; read: SpansRead; marks: MarkIndex; now: Micros } | null
  /** Spans were read, and there is nothing to show yet. */
  building: boolean
  /** What is not shown (yet), for the reader; null when nothing is missing. */
  missing: string | null
}

interface SpansOf {
  rootId?: string
  traceId?: string
  /** Do not read. */
  skip?: boolean
  /** The live indicator speaks of it. */
  leads?: boolean
}

/** How many spans may be read again each second; beyond it every five, and ten. */
const SMALL = 2_000

/** The spans of a chain or a trace, read again while it may grow. */
export function useSpans({ rootId, traceId, skip = false, leads = false }: SpansOf): Spans {
  const [every, setEvery] = useState(1)
  const variables = {
    rootId: rootId ?? null,
    traceId: traceId ?? null,
    skip: 0,
    size: PAGE_SIZE,
    invocations: MAX_INVOCATIONS,
  }
  const query = useLiveQuery(SPANS, variables, { every, leads, skip })
  const first = query.data?.waterfall_columns[0]
  const later = useLaterPages(first, variables)
  // While pages come, the first one is shown: building the tree anew for each would only keep the reader waiting.
  const pages = useMemo(
    () => (first ? [first, ...(later.state === 'reading' ? [] : later.pages)] : null),
    [first, later],
  )
  const built = useBuilt(pages, rootId ?? null, rootId ?? traceId)
  const read = built?.read ?? null
  const tree = built?.tree ?? null
  const running = first?.tones.includes('r') ?? false
  const length = first?.length ?? 0
  useEffect(() => {
    setEvery(length >= PAGE_SIZE ? 0 : length > SMALL ? 10 : running || length === 0 ? 1 : 3)
  }, [running, length])

  const traceIds = read?.traceIds ?? []
  const lines = useLiveQuery(
    SPAN_MARKS,
    { traceIds, limit: MAX_MARKS },
    { every: running ? 2 : 10, skip: traceIds.length === 0 },
  )
  const marks = useMemo(
    () => read && tree && indexMarks(tree, [...read.changes, ...toMarks(lines.data?.events ?? [], read)]),
    [read, tree, lines.data],
  )
  const tick = useNow(running ? 1000 : 0)
  const now = running ? tick : 0
  const missing = [
    later.state === 'reading' && `${length + later.pages.length * PAGE_SIZE} spans are read, more are coming.`,
    later.state === 'failed' && `Not all spans could be read: ${later.message}.`,
    read && read.invocations >= MAX_INVOCATIONS && `It is cut off after ${MAX_INVOCATIONS} invocations.`,
    lines.data &&
      lines.data.events.length >= MAX_MARKS &&
      `${MAX_MARKS} log lines are marked, the most severe; there are more.`,
    lines.failure && !lines.data && `Log lines cannot be marked: ${lines.failure.message}.`,
  ].filter(text => typeof text === 'string')
  return {
    query,
    shown: read && tree && marks ? { tree, read, marks, now } : null,
    building: pages !== null && built === null,
    missing: missing.length > 0 ? missing.join(' ') : null,
  }
}

interface Built {
  read: SpansRead
  tree: SpanTree
}

/** What so many spans take is not noticed; more are built in slices. */
const AT_ONCE = 5_000

/** The tree of all pages: at once where that is quick, else what was built last until the new one is there. */
function useBuilt(pages: readonly SpanPage[] | null, rootId: string | null, key: string | undefined): Built | null {
  const isSmall = (pages?.reduce((sum, page) => sum + page.length, 0) ?? 0) <= AT_ONCE
  const small = useMemo(
    () => (pages && isSmall ? runAtOnce(buildSteps(pages, rootId)) : null),
    [pages, isSmall, rootId],
  )
  const [large, setLarge] = useState<{ key: string | undefined; built: Built } | null>(null)
  useEffect(() => {
    if (!pages || isSmall) return
    const controller = new AbortController()
    runInSlices(buildSteps(pages, rootId), controller.signal).then(
      built => setLarge({ key, built }),
      error => {
        if (!controller.signal.aborted) throw error
      },
    )
    return () => controller.abort()
  }, [pages, isSmall, rootId, key])
  if (small) return small
  return pages && large && large.key === key ? large.built : null
}

function* buildSteps(pages: readonly SpanPage[], rootId: string | null): Steps<Built> {
  const read = yield* spanPagesSteps(pages, rootId)
  const tree = yield* spanTreeSteps(read.table)
  yield* settleSteps(tree, pages[0]?.tones.includes('r') ?? false)
  return { read, tree }
}

type Later = { state: 'done' | 'reading'; pages: SpanPage[] } | { state: 'failed'; pages: SpanPage[]; message: string }
const NONE: Later = { state: 'done', pages: [] }

type SpansVariables = typeof SPANS extends TypedDocumentNode<unknown, infer V> ? V : never

/** What did not fit on the first page, page by page. */
function useLaterPages(first: SpanPage | undefined, variables: SpansVariables): Later {
  const { client } = useApi()
  const [later, setLater] = useState<Later>(NONE)
  const key = JSON.stringify(variables)
  useEffect(() => {
    if (!first || first.length < PAGE_SIZE) {
      setLater(NONE)
      return
    }
    const controller = new AbortController()
    const read = async () => {
      const pages: SpanPage[] = []
      for (let last = first; last.length === PAGE_SIZE; ) {
        setLater({ state: 'reading', pages: [...pages] })
        const { data } = await client.query({
          query: SPANS,
          variables: { ...variables, skip: (pages.length + 1) * PAGE_SIZE },
          context: { fetchOptions: { signal: controller.signal } },
        })
        const page = data?.waterfall_columns[0]
        if (!page) break
        pages.push(page)
        last = page
      }
      setLater({ state: 'done', pages })
    }
    read().catch(error => {
      if (!controller.signal.aborted)
        setLater(before => ({ ...before, state: 'failed', message: toFailure(error).message }))
    })
    return () => controller.abort()
  }, [client, first, key])
  return later
}

const LEVEL_TONES: Record<string, Tone> = { error: 'failed', fatal: 'failed', warn: 'warning', warning: 'warning' }

function toMarks(rows: readonly MarkRow[], read: SpansRead): Mark[] {
  return rows.flatMap(row => {
    const at = parseMicros(row.timestamp)
    const spanId = row.span_id === null ? undefined : read.bySpanId(row.span_id)
    if (at === null || spanId === undefined) return []
    const level = (row.log_level ?? '').toLowerCase()
    return row.event_type === 'cdc'
      ? { spanId, at, kind: 'change', tone: 'ok', text: row.event_name }
      : { spanId, at, kind: 'log', tone: LEVEL_TONES[level] ?? 'quiet', text: `${level} ${row.log_message ?? ''}` }
  })
}
