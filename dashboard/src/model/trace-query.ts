/** A condition of Hasura's kind on `events`. */
export type Where = Record<string, unknown>

const UNITS_MS: Record<string, number> = { µs: 0.001, us: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }
/** Outcomes that mean failure. */
export const FAILED_OUTCOMES = ['error', 'failure', 'failed', 'timeout']

export interface TraceFilter {
  conditions: Where[]
  /** What was written and cannot be understood, each with the reason. */
  problems: string[]
}

/**
 * Reads `checkout service:web status:failed >200ms card.kind=visa trace:4bf9…`: words are looked for in names and errors,
 * `key=value` among the attributes.
 */
export function parseTraceQuery(text: string): TraceFilter {
  const filter: TraceFilter = { conditions: [], problems: [] }
  for (const [, quoted, word = ''] of text.matchAll(/"([^"]*)"?|(\S+)/g)) {
    const condition = quoted === undefined ? toCondition(word) : quoted === '' ? null : textCondition(quoted)
    if (typeof condition === 'string') filter.problems.push(condition)
    else if (condition) filter.conditions.push(condition)
  }
  return filter
}

function toCondition(word: string): Where | string {
  const duration = /^([<>])=?(.*)$/.exec(word)
  if (duration) {
    const parts = /^(\d+(?:\.\d+)?)(µs|us|ms|s|min|m|h)$/.exec(duration[2] ?? '')
    if (!parts) return `${word}: a duration is a number and its unit, like >200ms`
    const ms = Number(parts[1]) * (UNITS_MS[parts[2] as string] as number)
    return { duration_ms: duration[1] === '>' ? { _gt: ms } : { _lt: ms } }
  }
  const [, key = '', value = ''] = /^(service|status|name|trace):(.+)$/i.exec(word) ?? []
  switch (key.toLowerCase()) {
    case 'service':
      return { service_name: { _ilike: `%${escapeLike(value)}%` } }
    case 'name':
      return { event_name: { _ilike: `%${escapeLike(value)}%` } }
    case 'trace':
      return { trace_id: { _eq: value.toLowerCase() } }
    case 'status':
      if (['failed', 'error'].includes(value)) return { outcome: { _in: FAILED_OUTCOMES } }
      if (['ok', 'success'].includes(value)) return { _not: { outcome: { _in: FAILED_OUTCOMES } } }
      return `${word}: a status is failed or ok`
  }
  const [, attribute, wanted] = /^([\w.\-/]+)=(.+)$/.exec(word) ?? []
  if (attribute !== undefined && wanted !== undefined) return attributeCondition(attribute, wanted)
  if (/^[0-9a-f]{32}$/i.test(word)) return { trace_id: { _eq: word.toLowerCase() } }
  return textCondition(word)
}

/** `card.attempts=2` may have been sent as a number or as text. */
function attributeCondition(key: string, value: string): Where {
  const readings: unknown[] = [value]
  if (/^-?\d+(?:\.\d+)?$/.test(value)) readings.push(Number(value))
  if (value === 'true' || value === 'false') readings.push(value === 'true')
  return { _or: readings.map(reading => ({ attributes: { _contains: { [key]: reading } } })) }
}

function textCondition(text: string): Where {
  const pattern = { _ilike: `%${escapeLike(text)}%` }
  return { _or: [{ event_name: pattern }, { service_name: pattern }, { error_message: pattern }] }
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, character => `\\${character}`)
}
