import {
  type BoolExp,
  escapeLike,
  listOf,
  type SearchProblem,
  type Token,
  tokenize,
  turnAround,
  wildcards,
} from './search-query.ts'

type Patterns = Partial<Record<'level' | 'service' | 'job' | 'text', string[]>>

/** What `search_logs` takes: values as they stand, and patterns of LIKE. */
export interface LogFilters {
  level?: string[]
  service?: string[]
  job?: string[]
  trace?: string[]
  correlation?: string[]
  like?: Patterns
  unlike?: Patterns
}

export interface LogQuery {
  filters: LogFilters
  problems: SearchProblem[]
}

/** What can stand before a colon, with an example. */
export const LOG_FIELDS: Record<string, string> = {
  level: 'level:error,fatal',
  job: 'job:sendReceipt (or a logger)',
  service: 'service:orders*',
  trace: 'trace:<32 hex digits>',
  correlation: 'correlation:<id>',
  user: 'user:ada@example.com (named in the line)',
}

const ALIASES: Record<string, string> = { logger: 'job', function: 'service', severity: 'level' }
const TRACE = /^[0-9a-f]{32}$/i

/**
 * Reads `declined level:error job:capture* -service:web "two words" trace:4bf9…`: words are looked for in the message, all
 * of them. A minus turns a part around, a comma means "or", `*` stands for anything. Parts that cannot be read are told
 * with their place; the others hold all the same.
 */
export function parseLogQuery(text: string): LogQuery {
  const filters: LogFilters = {}
  const problems: SearchProblem[] = []
  for (const token of tokenize(text)) {
    const problem = addPart(filters, token, text)
    if (problem !== null) problems.push({ from: token.from, to: token.to, message: problem })
  }
  return { filters, problems }
}

/** Adds what one part says; returns what is wrong with it, or null. */
function addPart(filters: LogFilters, token: Token, text: string): string | null {
  const { field, value, negated } = token
  const kind = negated ? 'unlike' : 'like'
  if (field === null) return addText(filters, kind, value)
  const known = ALIASES[field] ?? field
  // Lines are full of words with colons: an address is not a field.
  if (!LOG_FIELDS[known] && value.startsWith('/')) {
    return addText(filters, kind, text.slice(token.from + (negated ? 1 : 0), token.to))
  }
  if (!LOG_FIELDS[known]) {
    return `There is no ${field}: one can ask ${Object.keys(LOG_FIELDS).join(', ')}. As text it needs quotes: "${field}:${value}"`
  }
  if (value === '') return `What should ${field} be? For example ${LOG_FIELDS[known]}`
  switch (known) {
    case 'user':
      return addText(filters, kind, value)
    case 'trace':
    case 'correlation': {
      if (negated) return `${field} cannot be turned around`
      if (known === 'trace' && !TRACE.test(value)) return 'A trace id has 32 hex digits'
      if (filters[known]) return `A line has one ${known}: for one or the other write ${known}:a,b`
      filters[known] = listOf(value.toLowerCase())
      return null
    }
    default: {
      const column = known as 'level' | 'service' | 'job'
      if (!negated && filters.like?.[column]) return `A line has one ${known}: for one or the other write ${known}:a,b`
      const patterns = listOf(column === 'level' ? value.toLowerCase() : value).map(wildcards)
      filters[kind] = { ...filters[kind], [column]: [...(filters[kind]?.[column] ?? []), ...patterns] }
      return null
    }
  }
}

function addText(filters: LogFilters, kind: 'like' | 'unlike', value: string): null {
  if (value !== '') filters[kind] = { ...filters[kind], text: [...(filters[kind]?.text ?? []), textPattern(value)] }
  return null
}

function textPattern(text: string): string {
  return `%${escapeLike(text).replaceAll('*', '%')}%`
}

// What `search_logs` says instead of a level that is missing.
const NO_LEVEL = 'none'

/** The same filter as a condition on `events`, where no function can be asked: it holds for the lines that `search_logs` finds. */
export function toLogWhere({ level, service, job, trace, correlation, like = {}, unlike = {} }: LogFilters): BoolExp {
  const conditions: BoolExp[] = [{ event_type: { _eq: 'log' } }]
  if (level) conditions.push(levelLike(level.map(escapeLike)))
  if (service) conditions.push({ service_name: { _in: service } })
  if (job) conditions.push({ log_logger: { _in: job } })
  if (trace) conditions.push({ trace_id: { _in: trace } })
  if (correlation) conditions.push({ correlation_id: { _in: correlation } })
  if (like.level) conditions.push(levelLike(like.level))
  if (like.service) conditions.push(anyLike('service_name', '_like', like.service, null))
  if (like.job) conditions.push(anyLike('log_logger', '_like', like.job, null))
  for (const pattern of like.text ?? []) conditions.push({ log_message: { _ilike: pattern } })
  if (unlike.level) conditions.push(turnAround(levelLike(unlike.level)))
  if (unlike.service) conditions.push(turnAround(anyLike('service_name', '_like', unlike.service, '')))
  if (unlike.job) conditions.push(turnAround(anyLike('log_logger', '_like', unlike.job, '')))
  if (unlike.text) conditions.push(turnAround(anyLike('log_message', '_ilike', unlike.text, '')))
  return { _and: conditions }
}

/** Patterns have small letters. */
function levelLike(patterns: readonly string[]): BoolExp {
  return anyLike('log_level', '_ilike', patterns, NO_LEVEL)
}

/** Whether a column is like one of the patterns; without a value it is taken for `missing`, or for nothing. */
function anyLike(column: string, operator: string, patterns: readonly string[], missing: string | null): BoolExp {
  const likes: BoolExp[] = patterns.map(pattern => ({ [column]: { [operator]: pattern } }))
  if (missing !== null && patterns.some(pattern => isLike(missing, pattern)))
    likes.push({ [column]: { _is_null: true } })
  return { _or: likes }
}

/** LIKE for one of the words above, which have nothing to escape. Our patterns have no other wildcard than `%`. */
function isLike(word: string, pattern: string): boolean {
  const parts = pattern.split('%').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(word)
}
