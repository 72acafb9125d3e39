import {
  type BoolExp,
  escapeLike,
  listOf,
  parseDuration,
  type SearchProblem,
  type Token,
  tokenize,
  turnAround,
} from './search-query.ts'

const TRACE = /^[0-9a-f]{32}$/i
const ATTRIBUTE = /^([\w.\-/]+)=(.*)$/
/** Outcomes that mean failure. */
export const FAILED_OUTCOMES = ['error', 'failure', 'failed', 'timeout']

export interface TraceFilter {
  /** On `events`; all of them must hold. */
  conditions: BoolExp[]
  problems: SearchProblem[]
}

/** What can stand before a colon, with an example. */
const FIELDS: Record<string, string> = {
  name: 'name:checkout (a part of it)',
  service: 'service:web (a part of it)',
  status: 'status:failed or status:ok',
  trace: 'trace:<32 hex digits>',
  user: 'user:ada@example.com (named in it)',
}
/** Everything that can be asked besides words. */
export const TRACE_HELP = [...Object.values(FIELDS), '>200ms, <=1.5s', 'card.kind=visa (an attribute)']

/**
 * Reads `checkout service:web status:failed >200ms card.kind=visa -trace:4bf9…`: words are looked for in names, services
 * and errors, `key=value` among the attributes. A minus turns a part around, a comma means "or", `*` stands for anything.
 * Parts that cannot be read are told with their place; the others hold all the same.
 */
export function parseTraceQuery(text: string): TraceFilter {
  const filter: TraceFilter = { conditions: [], problems: [] }
  for (const token of tokenize(text)) {
    const condition = toCondition(token, text)
    if (typeof condition === 'string') {
      filter.problems.push({ from: token.from, to: token.to, message: condition })
    } else filter.conditions.push(token.negated ? turnAround(condition) : condition)
  }
  return filter
}

function toCondition({ field, value, from, to, negated }: Token, text: string): BoolExp | string {
  if (field === null) return wordCondition(value)
  // Names of spans are full of addresses: one of them is no field.
  const isKnown = Object.hasOwn(FIELDS, field)
  if (!isKnown && value.startsWith('/')) return textCondition(text.slice(from + (negated ? 1 : 0), to))
  if (!isKnown) {
    return `There is no ${field}: one can ask ${Object.keys(FIELDS).join(', ')}. As text it needs quotes: "${field}:${value}"`
  }
  if (value === '') return `What should ${field} be? For example ${FIELDS[field]}`
  switch (field) {
    case 'trace':
      return TRACE.test(value) ? { trace_id: { _eq: value.toLowerCase() } } : 'A trace id has 32 hex digits'
    case 'status': {
      if (/^(failed|error)$/i.test(value)) return { outcome: { _in: FAILED_OUTCOMES } }
      if (/^(ok|success)$/i.test(value)) return turnAround({ outcome: { _in: FAILED_OUTCOMES } })
      return 'A status is failed or ok'
    }
    case 'user':
      return textCondition(value)
    default:
      return likeAny([field === 'name' ? 'event_name' : 'service_name'], listOf(value))
  }
}

function wordCondition(word: string): BoolExp | string {
  if (/^[<>]/.test(word)) {
    const duration = parseDuration(word)
    return typeof duration === 'string' ? duration : { duration_ms: { [duration.operator]: duration.ms } }
  }
  const [, attribute, wanted = ''] = ATTRIBUTE.exec(word) ?? []
  if (attribute !== undefined) {
    return wanted === ''
      ? `What should ${attribute} be? For example ${attribute}=1`
      : attributeCondition(attribute, wanted)
  }
  if (TRACE.test(word)) return { trace_id: { _eq: word.toLowerCase() } }
  return textCondition(word)
}

/** `card.attempts=2` may have been sent as a number or as text. */
function attributeCondition(key: string, value: string): BoolExp {
  const readings: unknown[] = [value]
  if (/^-?\d+(?:\.\d+)?$/.test(value)) readings.push(Number(value))
  if (value === 'true' || value === 'false') readings.push(value === 'true')
  return { _or: readings.map(reading => ({ attributes: { _contains: { [key]: reading } } })) }
}

function textCondition(text: string): BoolExp {
  return likeAny(['event_name', 'service_name', 'error_message'], [text])
}

function likeAny(columns: readonly string[], parts: readonly string[]): BoolExp {
  const patterns = parts.map(part => ({ _ilike: `%${escapeLike(part).replaceAll('*', '%')}%` }))
  return { _or: columns.flatMap(column => patterns.map(pattern => ({ [column]: pattern }))) }
}
