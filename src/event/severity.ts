export interface Severity {
  /** trace, debug, info, warn, error or fatal; null when it is not said. */
  level: string | null
  /** 1 to 24, as OpenTelemetry numbers them. */
  number: number | null
  /** The source's own word, where it is not that of the level. */
  unusualText: string | null
}

// Each has four steps, the first of which is meant when only the word is given.
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
const WORDS: Readonly<Record<string, (typeof LEVELS)[number]>> = {
  verbose: 'trace',
  finest: 'trace',
  silly: 'trace',
  information: 'info',
  informational: 'info',
  notice: 'info',
  log: 'info',
  warning: 'warn',
  err: 'error',
  severe: 'error',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emergency: 'fatal',
  emerg: 'fatal',
  panic: 'fatal',
}

/** How grave a log record is: the number decides, and where there is none, the word. 0 is no severity, not the lowest. */
export function severityOf(number: unknown, text: unknown): Severity {
  const word = typeof text === 'string' ? text.trim().toLowerCase() : ''
  const given = toNumber(number)
  const level = given === null ? (LEVELS.find(each => each === word) ?? WORDS[word] ?? null) : LEVELS[(given - 1) >> 2]
  if (level === null || level === undefined) {
    return { level: word === '' ? null : word, number: null, unusualText: null }
  }
  return {
    level,
    number: given ?? LEVELS.indexOf(level) * 4 + 1,
    unusualText: word === '' || word === level ? null : (text as string),
  }
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 1 && value <= 24 ? value : null
  // The names of OTLP's enumeration: SEVERITY_NUMBER_WARN2.
  const match = typeof value === 'string' ? /^SEVERITY_NUMBER_([A-Z]+)([234])?$/.exec(value) : null
  const index = LEVELS.findIndex(level => level.toUpperCase() === match?.[1])
  return index < 0 ? null : index * 4 + Number(match?.[2] ?? 1)
}
