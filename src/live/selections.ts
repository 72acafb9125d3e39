import { type EventFilter, type EventLabels, type Matcher, matcherOf, parseTopic } from './topic.ts'

/** A topic, as a client asked for it. */
export interface Subscription {
  readonly topic: string
  readonly filter?: EventFilter
  /** Namespaces that may be seen; null for all. */
  readonly namespaces?: readonly string[] | null
}

/** What is wanted, shared by all members that want the same. */
export interface Selection<Member> {
  readonly members: ReadonlySet<Member>
  wants(event: EventLabels): boolean
}

// Labels are few in number but come from outside: what was learnt of them is forgotten before it grows large.
const MAX_REMEMBERED = 10_000

class SharedSelection<Member> implements Selection<Member> {
  readonly members = new Set<Member>()
  readonly key: string
  readonly #matchers: readonly Matcher[]

  constructor(key: string, matchers: readonly Matcher[]) {
    this.key = key
    this.#matchers = matchers
  }

  wants(event: EventLabels): boolean {
    return this.#matchers.some(matches => matches(event))
  }
}

/**
 * Who wants what, found from the event: all that matters of an event are its labels, and many events carry the same. So an
 * event is matched against the selections once for its labels, and never against each member.
 */
export class Selections<Member> {
  readonly #byKey = new Map<string, SharedSelection<Member>>()
  readonly #byLabels = new Map<string, readonly Selection<Member>[]>()

  /** Throws TOPIC_INVALID. */
  join(member: Member, subscriptions: readonly Subscription[]): Selection<Member> {
    const key = JSON.stringify(subscriptions.map(({ topic, filter, namespaces }) => [topic, filter, namespaces]))
    let selection = this.#byKey.get(key)
    if (!selection) {
      selection = new SharedSelection(key, subscriptions.map(toMatcher))
      this.#byKey.set(key, selection)
      this.#byLabels.clear()
    }
    selection.members.add(member)
    return selection
  }

  leave(member: Member, selection: Selection<Member>): void {
    if (!(selection instanceof SharedSelection)) return
    selection.members.delete(member)
    if (selection.members.size > 0) return
    this.#byKey.delete(selection.key)
    this.#byLabels.clear()
  }

  /** The selections that want an event. */
  of(event: EventLabels): readonly Selection<Member>[] {
    if (this.#byKey.size === 0) return NOBODY
    const key = labelsKey(event)
    let wanting = this.#byLabels.get(key)
    if (!wanting) {
      wanting = [...this.#byKey.values()].filter(selection => selection.wants(event))
      if (this.#byLabels.size >= MAX_REMEMBERED) this.#byLabels.clear()
      this.#byLabels.set(key, wanting)
    }
    return wanting
  }
}

const NOBODY: readonly never[] = []

function toMatcher({ topic, filter, namespaces }: Subscription): Matcher {
  const matches = matcherOf(parseTopic(topic), filter)
  if (namespaces === undefined || namespaces === null) return matches
  const visible = new Set(namespaces)
  return labels => visible.has(labels.ns) && matches(labels)
}

const labelsKey = ({ eventType, ns, eventName, service, level, outcome }: EventLabels): string =>
  `${eventType}\u0000${ns}\u0000${eventName}\u0000${service ?? '\u0001'}\u0000${level ?? '\u0001'}\u0000${outcome ?? '\u0001'}`
