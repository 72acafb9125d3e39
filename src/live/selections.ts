import type { LiveEvent } from './hot-window.ts'
import { type EventFilter, type EventLabels, type Matcher, matcherOf, parseTopic } from './topic.ts'

/** A topic, as a client asked for it. */
export interface Subscription {
  readonly topic: string
  readonly filter?: EventFilter
  /** Namespaces that may be seen; null for all. */
  readonly namespaces?: readonly string[] | null
}

/** Whether an event is wanted; shared by all readers that want the same. */
export interface Selection {
  wants(event: LiveEvent): boolean
}

// Labels are few in number but come from outside: what was learnt of them is forgotten before it grows large.
const MAX_REMEMBERED = 10_000
const MAX_SELECTIONS = 10_000

/** Selections by what they take. Many readers ask for the same, and many events carry the same labels. */
export class Selections {
  readonly #byKey = new Map<string, Selection>()

  /** Throws TOPIC_INVALID. */
  of(subscriptions: readonly Subscription[]): Selection {
    const key = JSON.stringify(subscriptions.map(({ topic, filter, namespaces }) => [topic, filter, namespaces]))
    const known = this.#byKey.get(key)
    if (known) return known
    const selection = remembering(subscriptions.map(toMatcher))
    if (this.#byKey.size >= MAX_SELECTIONS) this.#byKey.clear()
    this.#byKey.set(key, selection)
    return selection
  }
}

function toMatcher({ topic, filter, namespaces }: Subscription): Matcher {
  const matches = matcherOf(parseTopic(topic), filter)
  if (namespaces === undefined || namespaces === null) return matches
  const visible = new Set(namespaces)
  return labels => visible.has(labels.ns) && matches(labels)
}

function remembering(matchers: readonly Matcher[]): Selection {
  const verdicts = new Map<string, boolean>()
  return {
    wants(event) {
      const key = labelsKey(event)
      const known = verdicts.get(key)
      if (known !== undefined) return known
      const verdict = matchers.some(matcher => matcher(event))
      if (verdicts.size >= MAX_REMEMBERED) verdicts.clear()
      verdicts.set(key, verdict)
      return verdict
    },
  }
}

const keys = new WeakMap<EventLabels, string>()

function labelsKey(event: LiveEvent): string {
  const known = keys.get(event)
  if (known !== undefined) return known
  const { eventType, ns, eventName, service, level, outcome } = event
  const key = [eventType, ns, eventName, service ?? '\u0001', level ?? '\u0001', outcome ?? '\u0001'].join('\u0000')
  keys.set(event, key)
  return key
}
