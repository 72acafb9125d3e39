import { type Span, type SpanKind, TONES } from '../../../dashboard/src/model/waterfall/spans.ts'

/** 2026-11-21T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 21, 12) * 1000

export type Random = () => number

export function span(id: string, change: Partial<Span> & { at?: number; for?: number } = {}): Span {
  const { at = 0, for: length = 1000, ...rest } = change
  const startAt = NOON + at
  return { id, parentId: null, kind: 'span', name: id, startAt, endAt: startAt + length, tone: 'ok', ...rest }
}

const KINDS: SpanKind[] = ['invocation', 'event', 'undetected', 'job', 'span']

/** Anything a broken recorder could deliver: any order, missing parents, circles, running spans, clocks that disagree. */
export function randomSpans(random: Random, count: number): Span[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return Array.from({ length: count }, (_, index) => {
    const luck = random()
    const parent = Math.floor(random() * (luck < 0.9 ? index : count))
    const startAt = NOON + Math.floor(random() * 1e6) + (random() < 0.1 ? 3600e6 : 0)
    return {
      id: `s${index}`,
      parentId: index === 0 || luck > 0.98 ? null : luck > 0.95 ? `gone${Math.floor(random() * 3)}` : `s${parent}`,
      kind: pick(KINDS),
      name: pick(['charge', 'notify', 'reserve stock', 'write']),
      service: pick(['shop', 'mail']),
      startAt,
      endAt: random() < 0.05 ? null : startAt + Math.floor(random() * 5e5),
      tone: pick(TONES),
      caused: random() < 0.3,
    }
  })
}

/** A chain as it is recorded: each job causes invocations, each invocation asks ten modules and runs some jobs. */
export function bigChain(count: number): Span[] {
  const spans: Span[] = []
  const jobs: Span[] = []
  const add = (kind: SpanKind, parent: Span | null, at: number, length: number, change: Partial<Span> = {}): Span => {
    const made = span(`${kind}${spans.length}`, {
      parentId: parent?.id ?? null,
      kind,
      name: `${kind} ${spans.length % 7}`,
      caused: kind === 'invocation',
      at,
      for: length,
      ...change,
    })
    spans.push(made)
    return made
  }
  for (let made = 0; spans.length < count; made++) {
    const cause = made === 0 ? null : (jobs[Math.floor((made - 1) / 2)] as Span)
    const at = cause ? cause.startAt - NOON + 900 : 0
    const invocation = add('invocation', cause, at, 4000)
    for (let module = 0; module < 8; module++) {
      add('undetected', invocation, at + 10 + module, 5, { tone: 'quiet', name: `module ${module}` })
    }
    const event = add('event', invocation, at + 40, 3900)
    for (let job = 0; job < 2; job++) {
      jobs.push(add('job', event, at + 60 + job, 800, { tone: (made + job) % 97 === 5 ? 'failed' : 'ok' }))
    }
  }
  return spans.slice(0, count)
}
