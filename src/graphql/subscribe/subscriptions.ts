import type { Pool } from '../../db/pool.ts'
import { bind } from '../execute/bind.ts'
import { explainFailure } from '../execute/explain-failure.ts'
import { readRows } from '../execute/run-statements.ts'
import type { Session } from '../execute/session.ts'
import { isStatementError } from '../execute/transaction.ts'
import type { PlannedSubscription } from '../planner.ts'
import { PollGroup, type PollSettings, resultBody, type Subscriber } from './poll-group.ts'
import { Slots } from './slots.ts'

export interface SubscriptionOptions {
  /** How live queries are asked for again. */
  readonly live: PollSettings
  /** How streaming subscriptions are. */
  readonly streaming: PollSettings
  /** Most polls at once, of all groups together: queries need connections too. */
  readonly maxPolls: number
}

export interface SubscriptionsOptions extends SubscriptionOptions {
  readonly pool: Pool
  /** Longest a poll for subscribers of a role may take, in milliseconds; null leaves it to the pool's connections. */
  readonly timeoutMs: (role: string) => number | null
  readonly onUnexpected: (error: unknown) => void
}

/** All subscriptions of an engine. Those of one statement and role are a group and are polled together. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #groups = new Map<string, PollGroup>()
  readonly #slots: Slots

  constructor(options: SubscriptionsOptions) {
    this.#options = options
    this.#slots = new Slots(options.maxPolls)
  }

  /** How many subscribers there are now, and how many statements are polled for them. */
  get counts(): { subscribers: number; groups: number } {
    let subscribers = 0
    for (const group of this.#groups.values()) subscribers += group.size
    return { subscribers, groups: this.#groups.size }
  }

  /** Begins a subscription and returns the function that ends it. Throws GraphqlError when a value is not as it has to be. */
  add(
    { fields, statement }: PlannedSubscription,
    variables: Readonly<Record<string, unknown>>,
    session: Session,
    listener: Pick<Subscriber, 'next' | 'failed'>,
  ): () => void {
    if (statement === null) {
      // All of it is known, and will never change.
      listener.next(resultBody(fields, []))
      return () => {}
    }
    const parameters = bind(statement.values, variables, session)
    const key = JSON.stringify([session.role, statement.text])
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = this.#group(key, statement, this.#options.timeoutMs(session.role))
      this.#groups.set(key, group)
    }
    return group.add({ fields, parameters, next: listener.next, failed: listener.failed })
  }

  #group(
    key: string,
    statement: NonNullable<PlannedSubscription['statement']>,
    statementTimeoutMs: number | null,
  ): PollGroup {
    const { pool, onUnexpected, live, streaming } = this.#options
    return new PollGroup({
      statement,
      ...(statement.cursor === null ? live : streaming),
      query: (text, values) => this.#slots.run(() => readRows(pool, { text, values }, { statementTimeoutMs })),
      explain: thrown => {
        const error = explainFailure(thrown, pool, statementTimeoutMs)
        if (error.code === 'unexpected' || error.code === 'busy') onUnexpected(thrown)
        return { error, mayBeOfOne: isStatementError(thrown) }
      },
      onEmpty: () => this.#groups.delete(key),
    })
  }
}
