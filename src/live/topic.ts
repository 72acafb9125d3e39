import { ObservabilityError } from '../errors.ts'

/** What can be said of an event without reading its columns. */
export interface EventLabels {
  readonly eventType: string
  readonly ns: string
  readonly eventName: string
  readonly service: string | null
  readonly level: string | null
  readonly outcome: string | null
}

/** Narrows topics down; an event passes when each named label is one of the values. */
export interface EventFilter {
  readonly service?: readonly string[]
  readonly level?: readonly string[]
  readonly outcome?: readonly string[]
}

export type Matcher = (labels: EventLabels) => boolean

export const MAX_TOPIC_LENGTH = 256

/**
 * The one reading of topics:
 *
 * - `*`: everything
 * - `name`: events of that type (`log`), namespace (`shop`, `https://api.example.com`) or name (`orders.created`)
 * - `name.*`: namespaces and event names with exactly one more segment (`orders.created`)
 * - `name.**`: that name and whatever is below it (`orders`, `orders.created`, `orders.created.late`)
 *
 * Letter case counts. Throws TOPIC_INVALID with what is wrong.
 */
export function parseTopic(topic: unknown): Matcher {
  if (typeof topic !== 'string') throw invalid(topic, 'has to be text')
  if (topic === '') throw invalid(topic, 'is empty')
  if (topic.length > MAX_TOPIC_LENGTH) throw invalid(topic, `has more than ${MAX_TOPIC_LENGTH} characters`)
  if (topic === '*') return () => true
  const { name, wildcard } = parts(topic)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\s\u0000-\u001f\u007f*]/u.test(name)) {
    throw invalid(topic, 'may have a * only as its whole or as its last segment (orders.*, orders.**), and no spaces')
  }
  if (name === '' || name.startsWith('.') || name.endsWith('.')) throw invalid(topic, 'has an empty segment')
  if (wildcard === '') return ({ eventType, ns, eventName }) => eventType === name || ns === name || eventName === name
  const prefix = `${name}.`
  const isBelow =
    wildcard === '*'
      ? (text: string) => text.length > prefix.length && text.startsWith(prefix) && !text.includes('.', prefix.length)
      : (text: string) => text === name || (text.length > prefix.length && text.startsWith(prefix))
  return ({ ns, eventName }) => isBelow(ns) || isBelow(eventName)
}

/** Events that the topic and every part of the filter take. */
export function matcherOf(topic: Matcher, filter: EventFilter = {}): Matcher {
  const wanted = [
    oneOf(filter.service, labels => labels.service),
    oneOf(filter.level, labels => labels.level),
    oneOf(filter.outcome, labels => labels.outcome),
  ].filter(matcher => matcher !== null)
  return labels => topic(labels) && wanted.every(matcher => matcher(labels))
}

function parts(topic: string): { name: string; wildcard: '' | '*' | '**' } {
  if (topic.endsWith('.**')) return { name: topic.slice(0, -3), wildcard: '**' }
  if (topic.endsWith('.*')) return { name: topic.slice(0, -2), wildcard: '*' }
  return { name: topic, wildcard: '' }
}

function oneOf(values: readonly string[] | undefined, label: (labels: EventLabels) => string | null): Matcher | null {
  if (values === undefined || values.length === 0) return null
  const set = new Set(values)
  return labels => {
    const value = label(labels)
    return value !== null && set.has(value)
  }
}

function invalid(topic: unknown, what: string): ObservabilityError {
  const shown = typeof topic === 'string' ? topic.slice(0, 80) : JSON.stringify(topic)
  return new ObservabilityError('TOPIC_INVALID', `topic ${JSON.stringify(shown)} ${what}`)
}
