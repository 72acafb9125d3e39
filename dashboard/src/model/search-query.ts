/** A condition as Hasura's `where` takes it. */
export type BoolExp = Record<string, unknown>

/** What is wrong with a part of a search text, and where it stands there. */
export interface SearchProblem {
  from: number
  to: number
  message: string
}

export interface SearchQuery {
  /** All of them must hold. */
  conditions: BoolExp[]
  problems: SearchProblem[]
}

export interface Token {
  from: number
  to: number
  negated: boolean
  field: string | null
  value: string
}

type Field = { help: string; toCondition: (value: string) => BoolExp | string }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const TRACE = /^[0-9a-f]{32}$/i
const COMPARISON = /^(>=|<=|>|<|=)?\s*(\d+(?:\.\d+)?)$/
const DURATION = /^(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*(µs|us|ms|s|m|min|h)?$/
const OPERATORS: Record<string, string> = { '>': '_gt', '<': '_lt', '>=': '_gte', '<=': '_lte', '=': '_eq' }
const UNIT_MS: Record<string, number> = { µs: 0.001, us: 0.001, ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 }

/** Completed, but a job in it failed: shown as a status of its own, so it can be chosen like one. */
export const JOB_FAILED = 'job_failed'
export const STATUSES = ['running', 'completed', JOB_FAILED, 'failed', 'timeout', 'lost'] as const
const FAILED = ['failed', 'timeout', 'lost']

/** Everything that can stand before a colon. */
export const SEARCH_FIELDS: Record<string, Field> = {
  status: { help: 'status:failed,lost', toCondition: statuses },
  function: { help: 'function:orders', toCondition: value => matches('source_function', value) },
  table: { help: 'table:orders', toCondition: tableExp },
  op: { help: 'op:update', toCondition: value => ({ source_operation: { _in: listOf(value.toUpperCase()) } }) },
  key: { help: 'key:1042', toCondition: value => ({ source_record_id: { _in: listOf(value) } }) },
  user: { help: 'user:ada@example.com', toCondition: value => ({ source_user_email: { _eq: value } }) },
  role: { help: 'role:admin', toCondition: value => ({ source_user_role: { _in: listOf(value) } }) },
  changed: {
    help: 'changed:price',
    toCondition: value => anyOf(listOf(value).map(column => ({ changed_columns: { _contains: [column] } }))),
  },
  module: {
    help: 'module:orders.placed (it was detected)',
    toCondition: value => ({ event_executions: { detected: { _eq: true }, ...matches('event_name', value) } }),
  },
  job: { help: 'job:sendReceipt', toCondition: value => ({ job_executions: matches('job_name', value) }) },
  failed_job: {
    help: 'failed_job:capturePayment',
    toCondition: value => ({ job_executions: { status: { _in: FAILED }, ...matches('job_name', value) } }),
  },
  error: { help: 'error:declined', toCondition: value => ({ error_message: { _ilike: `%${escapeLike(value)}%` } }) },
  duration: { help: 'duration:>200ms, or >200ms alone', toCondition: durationExp },
  detected: { help: 'detected:>0', toCondition: value => comparison('events_detected_count', value) },
  jobs: { help: 'jobs:>=3', toCondition: value => comparison('total_jobs_run', value) },
  jobs_failed: { help: 'jobs_failed:>0', toCondition: value => comparison('total_jobs_failed', value) },
  correlation: { help: 'correlation:<uuid>', toCondition: value => uuid('correlation_id', value) },
  job_id: { help: 'job_id:<uuid> (caused by it)', toCondition: value => uuid('source_job_id', value) },
  id: { help: 'id:<uuid>', toCondition: value => uuid('id', value) },
  trace: {
    help: 'trace:<32 hex digits>',
    toCondition: value =>
      TRACE.test(value) ? { trace_id: { _eq: value.toLowerCase() } } : 'A trace id has 32 hex digits',
  },
  is: { help: 'is:root, is:caused, is:replay', toCondition: isExp },
}

const ALIASES: Record<string, string> = {
  operation: 'op',
  event: 'module',
  fn: 'function',
  record: 'key',
  column: 'changed',
  took: 'duration',
}

/**
 * Reads `status:failed table:orders key:123 >200ms changed:price -job:sendReceipt "two words"`. A minus before a part
 * turns it around, a comma means "or", `*` stands for anything. Every part that cannot be read is told with its place;
 * the others hold all the same.
 */
export function parseSearchQuery(text: string): SearchQuery {
  const conditions: BoolExp[] = []
  const problems: SearchProblem[] = []
  for (const token of tokenize(text)) {
    const condition = toCondition(token)
    if (typeof condition === 'string') problems.push({ from: token.from, to: token.to, message: condition })
    else conditions.push(token.negated ? turnAround(condition) : condition)
  }
  return { conditions, problems }
}

function toCondition({ field, value }: Token): BoolExp | string {
  if (field === null) return DURATION.test(value) ? durationExp(value) : anywhere(value)
  const known = SEARCH_FIELDS[ALIASES[field] ?? field]
  if (!known) {
    const near = Object.keys(SEARCH_FIELDS).find(name => name.startsWith(field.slice(0, 3)))
    return near
      ? `There is no ${field}: did you mean ${near}:?`
      : `There is no ${field}: one can ask ${Object.keys(SEARCH_FIELDS).join(', ')}. A row is table:${field} key:${value || '…'}`
  }
  if (value === '') return `What should ${field} be? For example ${known.help}`
  return known.toCondition(value)
}

/** Words and `field:value`, in quotes where they hold spaces; each with its place in the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /(-)?(?:([a-z_]+):)?(?:"([^"]*)"?|([^\s"]*))/gi
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text.charAt(at))) {
      at += 1
      continue
    }
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match || match.index !== at || match[0] === '') {
      at += 1
      continue
    }
    const [whole, minus, field, quoted, plain = ''] = match
    tokens.push({
      from: at,
      to: at + whole.length,
      negated: minus !== undefined,
      field: field?.toLowerCase() ?? null,
      value: quoted ?? plain,
    })
    at += whole.length
  }
  return tokens
}

/** A word alone: an id of any kind, the key of the changed row, or part of a name or an error. */
function anywhere(text: string): BoolExp {
  const like = { _ilike: `%${escapeLike(text)}%` }
  const places: BoolExp[] = [{ source_record_id: { _eq: text } }]
  if (UUID.test(text)) {
    for (const column of ['id', 'correlation_id', 'source_event_id', 'source_job_id'])
      places.push({ [column]: { _eq: text } })
  } else if (TRACE.test(text)) {
    places.push({ trace_id: { _eq: text.toLowerCase() } })
  } else {
    for (const column of ['source_function', 'source_table', 'error_message']) places.push({ [column]: like })
  }
  return { _or: places }
}

function statuses(value: string): BoolExp | string {
  const wanted = listOf(value.toLowerCase())
  const unknown = wanted.find(status => !STATUSES.some(known => known === status))
  if (unknown !== undefined) return `No status is called ${unknown}: there are ${STATUSES.join(', ')}`
  return anyOf(wanted.map(statusExp))
}

export function statusExp(status: string): BoolExp {
  if (status === JOB_FAILED) return { status: { _eq: 'completed' }, total_jobs_failed: { _gt: 0 } }
  if (status === 'completed') return { status: { _eq: 'completed' }, total_jobs_failed: { _eq: 0 } }
  return { status: { _eq: status } }
}

/** `orders` means a table of any schema, `sales.orders` that of one. */
function tableExp(value: string): BoolExp {
  return anyOf(
    listOf(value).map(table =>
      table.includes('.')
        ? matches('source_table', table)
        : { _or: [matches('source_table', table), { source_table: { _like: `%.${wildcards(table)}` } }] },
    ),
  )
}

function matches(column: string, value: string): BoolExp {
  const wanted = listOf(value)
  if (!wanted.some(item => item.includes('*'))) return { [column]: { _in: wanted } }
  return anyOf(wanted.map(item => ({ [column]: { _like: wildcards(item) } })))
}

function durationExp(value: string): BoolExp | string {
  const duration = parseDuration(value)
  if (typeof duration === 'string') return duration
  return { total_duration_ms: { [duration.operator]: Math.round(duration.ms) } }
}

/** `>200ms` as an operator of Hasura and milliseconds, or what is wrong with it. Without a unit it is milliseconds. */
export function parseDuration(text: string): { operator: string; ms: number } | string {
  const match = DURATION.exec(text)
  if (!match) return 'A duration reads >200ms, <1.5s, >=2min'
  const [, operator = '>', amount, unit = 'ms'] = match
  return { operator: OPERATORS[operator] as string, ms: Number(amount) * (UNIT_MS[unit] ?? 1) }
}

function comparison(column: string, value: string): BoolExp | string {
  const match = COMPARISON.exec(value)
  if (!match) return 'A number reads 3, >0, <=5'
  const [, operator = '=', amount] = match
  return { [column]: { [OPERATORS[operator] as string]: Number(amount) } }
}

function uuid(column: string, value: string): BoolExp | string {
  return UUID.test(value) ? { [column]: { _eq: value } } : 'This is not a whole id (8-4-4-4-12 hex digits)'
}

function isExp(value: string): BoolExp | string {
  if (value === 'root') return { source_job_id: { _is_null: true } }
  if (value === 'caused') return { source_job_id: { _is_null: false } }
  if (value === 'replay') return { replay_of: { _is_null: false } }
  return 'It can be is:root, is:caused or is:replay'
}

/** What does not meet the condition. A column without a value meets none, so it is among them: SQL alone would know neither. */
export function turnAround(condition: BoolExp): BoolExp {
  return { _not: neverUnknown(condition) }
}

function neverUnknown(condition: BoolExp): BoolExp {
  const parts = Object.entries(condition).map(([name, value]): BoolExp => {
    if (Array.isArray(value)) return { [name]: value.map(neverUnknown) }
    if (name === '_not') return { _not: neverUnknown(value as BoolExp) }
    // Rows of a relationship are there or not; operators of a column begin with an underscore.
    const isKnown = Object.keys(value as object).every(operator => !operator.startsWith('_') || operator === '_is_null')
    return !isKnown ? { _and: [{ [name]: { _is_null: false } }, { [name]: value }] } : { [name]: value }
  })
  const [only] = parts
  return parts.length === 1 && only ? only : { _and: parts }
}

export function anyOf(expressions: BoolExp[]): BoolExp {
  const [only] = expressions
  return expressions.length === 1 && only ? only : { _or: expressions }
}

export function listOf(value: string): string[] {
  return value.split(',').filter(item => item !== '')
}

export function wildcards(value: string): string {
  return escapeLike(value).replaceAll('*', '%')
}

export function escapeLike(value: string): string {
  return value.replace(/[\\%_]/g, character => `\\${character}`)
}

/** One condition as a person would type it: in quotes where the value has spaces. */
export function searchTerm(field: string, value: string): string {
  return `${field}:${/\s/.test(value) ? `"${value}"` : value}`
}
