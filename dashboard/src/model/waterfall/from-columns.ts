import { shortId, shortTable } from '../names.ts'
import { ROWS_PER_STEP, runAtOnce, type Steps } from '../slices.ts'
import type { Micros } from '../time.ts'
import type { Mark } from './marks.ts'
import { createWords, KINDS, type SpanKind, type SpanTable, TONES } from './spans.ts'

/** A page of spans as `waterfall_columns` answers: lists in text. model/data-model.md says what is in each. */
export interface SpanPage {
  length: number
  origin_us: number | string
  kinds: string
  tones: string
  ids: string
  parents: string
  span_ids: string
  starts_us: string
  durations_us: string
  names: string
  services: string
  details: string
  errors: string
  trace_ids: string[]
}

export interface SpansRead {
  table: SpanTable
  /** The rows that jobs changed, where that fired an invocation: marks on those jobs. */
  changes: Mark[]
  traceIds: string[]
  invocations: number
  /** The id of the span that a log line or a span of another process names by its span id; undefined when it is not here. */
  bySpanId: (spanId: string) => string | undefined
}

const KIND_LETTERS: Record<string, SpanKind> = { i: 'invocation', e: 'event', u: 'undetected', j: 'job', s: 'span' }
const TONE_LETTERS: Record<string, (typeof TONES)[number]> = {
  o: 'ok',
  f: 'failed',
  r: 'running',
  l: 'lost',
  q: 'quiet',
  w: 'warning',
}

/** How the address names a span: as the other views of a chain do. A module that fires later keeps its name. */
const ID_PREFIX: Record<SpanKind, string> = {
  invocation: 'invocation:',
  event: 'event:',
  undetected: 'event:',
  job: 'job:',
  span: 'span:',
  missing: 'missing:',
}

/** Pages to columns. `rootId` is an invocation whose own cause is not asked for. */
export function fromSpanPages(pages: readonly SpanPage[], rootId: string | null): SpansRead {
  return runAtOnce(spanPagesSteps(pages, rootId))
}

/** The same, for so many spans that reading them must not keep the page from answering. */
export function* spanPagesSteps(pages: readonly SpanPage[], rootId: string | null): Steps<SpansRead> {
  const length = pages.reduce((sum, page) => sum + page.length, 0)
  const ids = new Array<string>(length)
  const named = new Array<string>(length)
  const table = {
    length,
    ids,
    kinds: new Uint8Array(length),
    tones: new Uint8Array(length),
    caused: new Uint8Array(length),
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    names: new Uint32Array(length),
    services: new Uint32Array(length),
    details: new Uint32Array(length),
  }
  const { words, indexOf } = createWords()
  // By what children name: the id of an execution, or `span:` and a span id.
  const known = new Map<string, string>()
  const changedAt = new Map<number, Micros>()
  let row = 0
  let invocations = 0
  for (const page of pages) {
    const origin = Number(page.origin_us)
    const lists = yield* splitLists(page)
    for (let at = 0; at < page.length; at++, row++) {
      if (at % ROWS_PER_STEP === 0) yield
      const kind = KIND_LETTERS[page.kinds.charAt(at)] ?? 'span'
      const tone = page.tones.charAt(at)
      const id = lists.ids[at] as string
      const start = origin + Number(lists.starts_us[at])
      const error = lists.errors[at] as string
      ids[row] = ID_PREFIX[kind] + id
      named[row] = lists.parents[at] as string
      known.set(kind === 'span' ? `span:${lists.span_ids[at]}` : id, ids[row] as string)
      table.kinds[row] = KINDS.indexOf(kind)
      table.tones[row] = TONES.indexOf(TONE_LETTERS[tone] ?? 'ok')
      table.starts[row] = start
      table.ends[row] = endFrom(start, lists.durations_us[at], tone === 'r')
      if (kind === 'invocation') {
        const change = readChange(lists.details[at] as string)
        invocations += 1
        table.names[row] = indexOf(change.label)
        table.services[row] = indexOf(change.service)
        table.details[row] = indexOf(error === '' ? change.words : `${change.words} ${error}`)
        if (change.at !== null) changedAt.set(row, origin + change.at)
      } else {
        table.names[row] = indexOf(lists.names[at] as string)
        table.services[row] = indexOf(lists.services[at] as string)
        const detail = lists.details[at] as string
        table.details[row] = indexOf(error === '' ? detail : `${detail} ${error}`)
      }
    }
  }

  // Most chains have no span that names an execution by its span id, and there are many executions.
  let executions: ReadonlyMap<string, string> | undefined
  const bySpanId = (spanId: string): string | undefined => {
    const span = known.get(`span:${spanId}`)
    if (span !== undefined) return span
    executions ??= bySpanIds(ids)
    return executions.get(spanId)
  }
  const idOf = (name: string): string | undefined =>
    name.startsWith('span:') ? bySpanId(name.slice('span:'.length)) : known.get(name)

  const parentIds = new Array<string | null>(length)
  const changes: Mark[] = []
  for (row = 0; row < length; row++) {
    if (row % ROWS_PER_STEP === 0) yield
    const name = named[row] as string
    const parent = name === '' ? undefined : idOf(name)
    const parentId = name === '' ? null : (parent ?? name)
    const isInvocation = KINDS[table.kinds[row] as number] === 'invocation'
    // What led to the root of a chain lies outside the chain.
    parentIds[row] = ids[row] === `invocation:${rootId}` && parent === undefined ? null : parentId
    if (!isInvocation || parentIds[row] === null) continue
    table.caused[row] = 1
    const at = changedAt.get(row)
    if (at !== undefined && parentId?.startsWith('job:')) {
      changes.push({ spanId: parentId, at, kind: 'change', tone: 'ok', text: words[table.names[row] as number] ?? '' })
    }
  }
  const traceIds = [...new Set(pages.flatMap(page => page.trace_ids))]
  return { table: { ...table, parentIds, words }, changes, traceIds, invocations, bySpanId }
}

/** Executions by span id, which is the end of the UUID of their row. */
function bySpanIds(ids: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const id of ids) {
    if (/^(?:invocation|event|job):/.test(id)) found.set(`${id.slice(-17, -13)}${id.slice(-12)}`, id)
  }
  return found
}

const LISTS = [
  'ids',
  'parents',
  'span_ids',
  'starts_us',
  'durations_us',
  'names',
  'services',
  'details',
  'errors',
] as const

function* splitLists(page: SpanPage): Steps<Record<(typeof LISTS)[number], string[]>> {
  const lists = {} as Record<(typeof LISTS)[number], string[]>
  for (const name of LISTS) {
    yield
    lists[name] = page[name].split(name.endsWith('_us') ? ',' : '\n')
  }
  return lists
}

/** What neither runs nor has an end was lost, or is a moment: it takes no time. */
function endFrom(start: Micros, duration: string | undefined, running: boolean): Micros {
  if (duration !== undefined && duration !== '') return start + Number(duration)
  return running ? Number.NaN : start
}

function readChange(detail: string) {
  const [operation = '', table = '', key = '', service = '', at = '', ...changed] = detail.split('\u001f')
  return {
    label: [operation, shortTable(table), key && shortId(key)].filter(Boolean).join(' '),
    service,
    at: at === '' ? null : Number(at),
    words: [table, key, ...changed.map(column => `changed:${column}`)].filter(Boolean).join(' '),
  }
}
