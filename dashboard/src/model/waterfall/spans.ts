import type { Tone } from '../status.ts'
import type { Micros } from '../time.ts'

/** From least to most alarming: where several tones share a pixel, the higher index wins. */
export const TONES = ['quiet', 'ok', 'running', 'warning', 'lost', 'failed'] as const satisfies readonly Tone[]

/** `missing` is never recorded: it stands for a parent that other spans name and nobody delivered. */
export const KINDS = ['invocation', 'event', 'undetected', 'job', 'span', 'missing'] as const
export type SpanKind = (typeof KINDS)[number]

export const UNDETECTED = KINDS.indexOf('undetected')
export const MISSING = KINDS.indexOf('missing')
export const FAILED = TONES.indexOf('failed')
export const LOST = TONES.indexOf('lost')
export const RUNNING = TONES.indexOf('running')

/** Something that took time. */
export interface Span {
  /** Unique among the spans shown together; what the address and the panel know it by. */
  id: string
  /** Null for a span that nothing shown here led to. */
  parentId: string | null
  kind: SpanKind
  name: string
  service?: string | undefined
  startAt: Micros
  /** Null while it runs. */
  endAt: Micros | null
  tone: Tone
  /** The parent caused it and did not wait for it: it may outlive the parent. @default false */
  caused?: boolean | undefined
  /** More words to find it by: record key, table, changed columns, error. */
  detail?: string | undefined
}

/** Spans as columns: a quarter of the memory of as many objects, and no garbage while scrolling. Row i of each is span i. */
export interface SpanTable {
  length: number
  ids: readonly string[]
  /** As recorded, whether or not that span is here. */
  parentIds: readonly (string | null)[]
  /** Index in KINDS. */
  kinds: Uint8Array
  /** Index in TONES. */
  tones: Uint8Array
  /** 1: the parent caused it and did not wait. */
  caused: Uint8Array
  /** Microseconds since 1970. */
  starts: Float64Array
  /** NaN while it runs. */
  ends: Float64Array
  /** Indices in `words`. */
  names: Uint32Array
  services: Uint32Array
  details: Uint32Array
  /** Each distinct text once; 0 is the empty one. */
  words: readonly string[]
}

export function toSpanTable(spans: readonly Span[]): SpanTable {
  const length = spans.length
  const ids = new Array<string>(length)
  const parentIds = new Array<string | null>(length)
  const table = {
    length,
    ids,
    parentIds,
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
  spans.forEach((span, row) => {
    ids[row] = span.id
    parentIds[row] = span.parentId
    table.kinds[row] = KINDS.indexOf(span.kind)
    table.tones[row] = TONES.indexOf(span.tone)
    table.caused[row] = span.caused ? 1 : 0
    table.starts[row] = span.startAt
    table.ends[row] = span.endAt ?? Number.NaN
    table.names[row] = indexOf(span.name)
    table.services[row] = indexOf(span.service ?? '')
    table.details[row] = indexOf(span.detail ?? '')
  })
  return { ...table, words }
}

/** Texts by number, each kept once. */
export function createWords(): { words: string[]; indexOf: (text: string) => number } {
  const words = ['']
  const known = new Map([['', 0]])
  return {
    words,
    indexOf(text) {
      let index = known.get(text)
      if (index === undefined) {
        index = words.push(text) - 1
        known.set(text, index)
      }
      return index
    },
  }
}

/** Where a span ends on the screen: what runs reaches to `now`, and never ends before it starts. */
export function endOf(table: SpanTable, row: number, now: Micros): Micros {
  const start = table.starts[row] as number
  const end = table.ends[row] as number
  return Math.max(start, Number.isNaN(end) ? now : end)
}

export function nameOf(table: SpanTable, row: number): string {
  return table.words[table.names[row] as number] ?? ''
}

export function toneOf(table: SpanTable, row: number): Tone {
  return TONES[table.tones[row] as number] ?? 'quiet'
}

export function kindOf(table: SpanTable, row: number): SpanKind {
  return KINDS[table.kinds[row] as number] ?? 'span'
}

export function isFailedRow(table: SpanTable, row: number): boolean {
  const tone = table.tones[row]
  return tone === FAILED || tone === LOST
}
