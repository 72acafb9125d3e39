/**
 * What differs between two pieces of metadata, a line each: `+ tables[x.invocations]`, `- …`, `~ path: before → after`.
 * Lists are compared by what names their items, in any order; what is empty, null or false is as good as not there,
 * because Hasura leaves it out of what it exports.
 */
export function difference(before: unknown, after: unknown, path = ''): string[] {
  if (isEmpty(before) && isEmpty(after)) return []
  if (isListOrNone(before) && isListOrNone(after)) {
    const [was, is] = [byName(before ?? []), byName(after ?? [])]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap(name =>
      difference(was.get(name), is.get(name), `${path}[${name}]`),
    )
  }
  const isTop = path === ''
  if (isEmpty(before) && !isTop) return [`+ ${path}${summary(after)}`]
  if (isEmpty(after) && !isTop) return [`- ${path}${summary(before)}`]
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(key =>
      difference(before[key], after[key], isTop ? key : `${path}.${key}`),
    )
  }
  return before === after ? [] : [`~ ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`]
}

const isListOrNone = (value: unknown): value is unknown[] | null | undefined => Array.isArray(value) || value == null

function byName(list: unknown[]): Map<string, unknown> {
  return new Map(list.map(item => [nameOf(item), item]))
}

function nameOf(item: unknown): string {
  if (!isObject(item)) return String(item)
  const { name, role, table, function: called, collection } = item
  for (const candidate of [name, role, table, called, collection]) {
    if (typeof candidate === 'string') return candidate
    if (isObject(candidate)) return `${candidate.schema ?? 'public'}.${candidate.name}`
  }
  return JSON.stringify(item)
}

// A source that comes or goes would be a thousand lines; its size says enough.
function summary(value: unknown): string {
  if (!isObject(value)) return typeof value === 'string' ? '' : `: ${JSON.stringify(value)}`
  const parts = Object.entries(value)
    .filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0)
    .map(([key, list]) => `${list.length} ${key.replaceAll('_', ' ')}`)
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
