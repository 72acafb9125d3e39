import { hash } from 'node:crypto'
import type { GraphqlError } from '../errors.ts'
import type { ParameterValue } from '../plan/nodes.ts'
import type { PlannedSubscription } from '../planner.ts'
import { responseBody } from '../response.ts'
import type { Multiplexed } from '../sql/multiplexed.ts'
import { parameterText } from './array-text.ts'

export interface PollSettings {
  /** Pause between the end of a poll and the next, in milliseconds. */
  readonly refetchIntervalMs: number
  /** Most different sets of parameters in one statement. */
  readonly batchSize: number
}

/** One subscription of one client. */
export interface Subscriber {
  readonly fields: PlannedSubscription['fields']
  /** The statement's values; a stream's cursor among them moves on. */
  readonly parameters: readonly ParameterValue[]
  /** A response body. */
  next(body: string): void
  /** Polls that fail may succeed later: the subscription goes on unless `isOver`. */
  failed(error: GraphqlError, isOver: boolean): void
}

export interface PollGroupOptions extends PollSettings {
  readonly statement: Multiplexed
  readonly query: (text: string, values: readonly unknown[]) => Promise<unknown[][]>
  /** What a failure of `query` means, and whether it may be due to the parameters of one. */
  readonly explain: (error: unknown) => { error: GraphqlError; mayBeOfOne: boolean }
  /** Told when the last subscriber has left. */
  readonly onEmpty: () => void
}

interface Member {
  readonly subscriber: Subscriber
  parameters: readonly ParameterValue[]
  /** Equal parameters have equal keys, and share a row of the answer. */
  key: string
  /** Of what was sent last; null before the first answer. */
  sent: string | null
  isNew: boolean
  /** Most cohorts it is asked for with: few after a failure, so that the others are not kept waiting again. */
  maxBatch: number
}

/** Members whose parameters are equal. */
type Cohort = readonly [Member, ...Member[]]

// What a client sent that Postgres cannot read will not be better at the next poll.
const NEVER_BETTER: ReadonlySet<string> = new Set(['data-exception', 'bad-request'])

/**
 * All subscribers of one statement. They are asked for together: at once when one is new, then `refetchIntervalMs` after
 * each poll, never twice at a time, and not at all when nobody is left.
 */
export class PollGroup {
  readonly #options: PollGroupOptions
  readonly #members = new Set<Member>()
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #nextPollAt = Number.NEGATIVE_INFINITY

  constructor(options: PollGroupOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#members.size
  }

  /** Returns the function that ends the subscription. */
  add(subscriber: Subscriber): () => void {
    const { parameters } = subscriber
    const member: Member = {
      subscriber,
      parameters,
      key: JSON.stringify(parameters),
      sent: null,
      isNew: true,
      maxBatch: this.#options.batchSize,
    }
    this.#members.add(member)
    // Those who come in the same moment are asked for together.
    if (!this.#isRunning) this.#schedule(0)
    return () => this.#remove(member)
  }

  #remove(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return
    clearTimeout(this.#timer)
    this.#options.onEmpty()
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), delayMs).unref()
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#members.size === 0) return
    this.#isRunning = true
    const isRegular = performance.now() >= this.#nextPollAt
    const due = isRegular ? [...this.#members] : [...this.#members].filter(member => member.isNew)
    await this.#poll(due)
    this.#isRunning = false
    const now = performance.now()
    if (isRegular) this.#nextPollAt = now + this.#options.refetchIntervalMs
    if (this.#members.size === 0) return
    const hasNew = [...this.#members].some(member => member.isNew)
    this.#schedule(hasNew ? 0 : Math.max(0, this.#nextPollAt - now))
  }

  async #poll(members: readonly Member[]): Promise<void> {
    const bySize = new Map<number, Cohort[]>()
    for (const cohort of cohortsOf(members)) {
      // New members of a cohort are asked for like the others of it.
      const size = Math.min(...cohort.map(member => member.maxBatch))
      const known = bySize.get(size)
      if (known === undefined) bySize.set(size, [cohort])
      else known.push(cohort)
    }
    for (const [size, cohorts] of bySize) {
      for (let start = 0; start < cohorts.length; start += size) {
        await this.#pollBatch(cohorts.slice(start, start + size))
      }
    }
  }

  async #pollBatch(cohorts: readonly Cohort[]): Promise<void> {
    const { statement, query, explain } = this.#options
    const lists = statement.values.map((_, index) =>
      cohorts.map(([{ parameters }]) => parameterText(parameters[index] ?? null)),
    )
    let rows: unknown[][]
    try {
      rows = await query(statement.text, [cohorts.map((_, index) => index), ...lists])
    } catch (thrown) {
      const { error, mayBeOfOne } = explain(thrown)
      // Half of the batch might take as long again, and all others of the group would wait: that is for the next poll.
      if (mayBeOfOne && cohorts.length > 1 && error.code !== 'timeout') {
        const middle = cohorts.length >> 1
        await this.#pollBatch(cohorts.slice(0, middle))
        await this.#pollBatch(cohorts.slice(middle))
        return
      }
      for (const cohort of cohorts) this.#fail(cohort, error, mayBeOfOne ? cohorts.length : Number.POSITIVE_INFINITY)
      return
    }
    for (const row of rows) {
      const cohort = cohorts[row[0] as number]
      if (cohort !== undefined) this.#deliver(cohort, row)
    }
  }

  #deliver(cohort: Cohort, row: unknown[]): void {
    const { roots, cursor } = this.#options.statement
    const texts = row.slice(1, 1 + roots) as (string | null)[]
    const position = cursor === null ? null : (row[1 + roots] as string | null)
    // Nothing came after the cursor: a stream then says nothing.
    const isSilent = cursor !== null && position === null
    const digest = hash('sha256', texts.map(text => text ?? 'null').join('\0'))
    const bodies = new Map<Subscriber['fields'], string>()
    for (const member of cohort) {
      member.isNew = false
      member.maxBatch = Math.min(this.#options.batchSize, member.maxBatch * 2)
      if (cursor !== null && position !== null) {
        member.parameters = member.parameters.with(cursor, position)
        member.key = JSON.stringify(member.parameters)
      }
      const isUnchanged = cursor === null && member.sent === digest
      if (isSilent || isUnchanged || !this.#members.has(member)) continue
      member.sent = digest
      const { fields } = member.subscriber
      const body = bodies.get(fields) ?? resultBody(fields, texts)
      bodies.set(fields, body)
      member.subscriber.next(body)
    }
  }

  #fail(cohort: Cohort, error: GraphqlError, batchSize: number): void {
    const told = `${error.code} ${error.message}`
    for (const member of cohort) {
      if (!this.#members.has(member)) continue
      const isTooSlow = error.code === 'timeout' && batchSize === 1
      const isOver = isTooSlow || (member.isNew && NEVER_BETTER.has(error.code))
      member.isNew = false
      member.maxBatch = Math.min(member.maxBatch, Math.max(1, Math.floor(batchSize / 2)))
      // An outage is told once, not at every poll.
      if (member.sent === told) continue
      member.sent = told
      if (isOver) this.#remove(member)
      member.subscriber.failed(error, isOver)
    }
  }
}

function cohortsOf(members: readonly Member[]): Cohort[] {
  const cohorts = new Map<string, [Member, ...Member[]]>()
  for (const member of members) {
    const cohort = cohorts.get(member.key)
    if (cohort === undefined) cohorts.set(member.key, [member])
    else cohort.push(member)
  }
  return [...cohorts.values()]
}

/** A response body; `texts` are the JSON of the root fields that are not known already. */
export function resultBody(fields: Subscriber['fields'], texts: readonly (string | null)[]): string {
  let next = 0
  return responseBody(fields.map(field => ({ ...field, json: field.json ?? texts[next++] ?? 'null' })))
}
