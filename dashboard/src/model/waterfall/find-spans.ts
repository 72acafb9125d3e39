import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, isFailedRow, KINDS, type SpanTable, TONES } from './spans.ts'

/** One condition; a span is found when it meets all of them. */
export type Term =
  | { what: 'text'; text: string }
  | { what: 'longer' | 'shorter'; than: Micros }
  | { what: 'status'; tones: readonly number[] }
  | { what: 'kind'; kinds: readonly number[] }
  | { what: 'service' | 'id' | 'changed'; text: string }

export interface SpanQuery {
  terms: readonly Term[]
  /** What was written and cannot be understood, each with the reason. */
  problems: readonly string[]
}

const UNITS: Record<string, Micros> = { µs: 1, us: 1, ms: 1e3, s: 1e6, m: 60e6, min: 60e6, h: 3600e6 }

const STATUSES: Record<string, readonly (typeof TONES)[number][]> = {
  failed: ['failed', 'lost'],
  error: ['failed', 'lost'],
  lost: ['lost'],
  running: ['running'],
  ok: ['ok'],
  completed: ['ok'],
  warning: ['warning'],
  not_detected: ['quiet'],
}

/** Reads `charge status:failed >200ms kind:job service:api changed:price`; words in quotes stay together. */
export function parseSpanQuery(text: string): SpanQuery {
  const terms: Term[] = []
  const problems: string[] = []
  for (const [, quoted, word = ''] of text.matchAll(/"([^"]*)"?|(\S+)/g)) {
    if (quoted !== undefined) {
      if (quoted !== '') terms.push({ what: 'text', text: quoted.toLowerCase() })
      continue
    }
    const term = parseWord(word)
    if (typeof term === 'string') problems.push(term)
    else terms.push(term)
  }
  return { terms, problems }
}

function parseWord(word: string): Term | string {
  const duration = /^([<>])=?(.*)$/.exec(word)
  if (duration) {
    const [, sign, amount = ''] = duration
    const parts = /^(\d+(?:\.\d+)?)(µs|us|ms|s|min|m|h)$/.exec(amount)
    if (!parts) return `${word}: a duration is a number and its unit, like >200ms`
    return {
      what: sign === '>' ? 'longer' : 'shorter',
      than: Number(parts[1]) * (UNITS[parts[2] as string] as number),
    }
  }
  const [, key, value = ''] = /^(status|kind|service|id|changed|name):(.*)$/i.exec(word) ?? []
  if (!key || value === '') return { what: 'text', text: word.toLowerCase() }
  const wanted = value.toLowerCase()
  switch (key.toLowerCase()) {
    case 'status': {
      const tones = STATUSES[wanted]
      if (!tones) return `${word}: a status is one of ${Object.keys(STATUSES).join(', ')}`
      return { what: 'status', tones: tones.map(tone => TONES.indexOf(tone)) }
    }
    case 'kind': {
      const kinds = KINDS.filter(kind => kind.startsWith(wanted)).map(kind => KINDS.indexOf(kind))
      return kinds.length > 0 ? { what: 'kind', kinds } : `${word}: a kind is one of ${KINDS.join(', ')}`
    }
    case 'name':
      return { what: 'text', text: wanted }
    default:
      return { what: key.toLowerCase() as 'service' | 'id' | 'changed', text: wanted }
  }
}

/** The rows found, in order of drawing. Every text is looked at once, however many spans share it. */
export function findSpans(tree: SpanTree, query: SpanQuery, now: Micros): Int32Array {
  const { table, order } = tree
  const found = new Int32Array(table.length)
  if (query.terms.length === 0) return found.subarray(0, 0)
  const tests = query.terms.map(term => toTest(table, term, now))
  let length = 0
  for (const row of order) {
    if (tests.every(test => test(row))) found[length++] = row
  }
  return found.subarray(0, length)
}

function toTest(table: SpanTable, term: Term, now: Micros): (row: number) => boolean {
  switch (term.what) {
    case 'longer':
      return row => endOf(table, row, now) - (table.starts[row] as number) > term.than
    case 'shorter':
      return row => endOf(table, row, now) - (table.starts[row] as number) < term.than
    case 'status':
      return row => term.tones.includes(table.tones[row] as number)
    case 'kind':
      return row => term.kinds.includes(table.kinds[row] as number)
    case 'id':
      return row => (table.ids[row] as string).toLowerCase().includes(term.text)
    case 'service': {
      const words = wordsWith(table, term.text)
      return row => words[table.services[row] as number] === 1
    }
    case 'changed': {
      const words = wordsWith(table, `changed:${term.text}`)
      return row => words[table.details[row] as number] === 1
    }
    case 'text': {
      const words = wordsWith(table, term.text)
      return row =>
        words[table.names[row] as number] === 1 ||
        words[table.details[row] as number] === 1 ||
        words[table.services[row] as number] === 1 ||
        (table.ids[row] as string).includes(term.text)
    }
  }
}

/** For each text of the table 1 when it holds the text wanted, which is in small letters. */
function wordsWith({ words }: SpanTable, wanted: string): Uint8Array {
  const marks = new Uint8Array(words.length)
  words.forEach((word, index) => {
    if (word.toLowerCase().includes(wanted)) marks[index] = 1
  })
  return marks
}

/** The match after (or before) a place in the order of drawing; around at the end. Null when there is none. */
export function nextMatch(tree: SpanTree, matches: Int32Array, from: number | null, step: 1 | -1): number | null {
  if (matches.length === 0) return null
  const at = from === null ? -1 : (tree.positions[from] as number)
  if (step === 1) {
    const next = matches.find(row => (tree.positions[row] as number) > at)
    return next ?? (matches[0] as number)
  }
  const previous = from === null ? undefined : matches.findLast(row => (tree.positions[row] as number) < at)
  return previous ?? (matches[matches.length - 1] as number)
}

/** The next failed span in order of drawing, folded away or not; around at the end. */
export function nextFailure(tree: SpanTree, from: number | null, step: 1 | -1): number | null {
  const { order, positions, table } = tree
  const length = order.length
  const start = from === null ? (step === 1 ? -1 : length) : (positions[from] as number)
  for (let moved = 1; moved <= length; moved++) {
    const row = order[(start + step * moved + length * 2) % length] as number
    if (isFailedRow(table, row)) return row
  }
  return null
}
