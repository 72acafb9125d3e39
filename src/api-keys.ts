import { createHash } from 'node:crypto'
import { ObservabilityError } from './errors.ts'

export const SCOPES = ['ingest', 'read'] as const
export type Scope = (typeof SCOPES)[number]

/** What a key lets its bearer do. The key itself is not kept, only its hash. */
export interface ApiKey {
  /** For logs and limits: no secret. */
  name: string
  scopes: readonly Scope[]
  /** The namespace it may write to and read from, with those below it (`shop`, `shop.web`); null for all. */
  namespace: string | null
  /** SHA-256 of the key, in hex. */
  sha256: string
}

export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

const MIN_KEY_LENGTH = 16

/**
 * Reads keys, one on each line or between commas: `name:scopes:namespace:key`. Scopes are joined by `+`, namespace `*` stands
 * for all, the key may be given as `sha256-<64 hex digits>`. Empty lines and lines that begin with # are left out. Throws
 * CONFIG_INVALID, which names the key that is wrong, never the key itself.
 */
export function parseApiKeys(text: string): ApiKey[] {
  const keys = text
    .split(/[\n,]/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(parseApiKey)
  const names = new Set(keys.map(key => key.name))
  if (names.size !== keys.length) throw invalid('two keys have one name')
  return keys
}

function parseApiKey(line: string, index: number): ApiKey {
  const [name = '', scopes = '', namespace = '', ...rest] = line.split(':')
  const key = rest.join(':')
  const which = /^[\w.-]{1,64}$/.test(name) ? `"${name}"` : `number ${index + 1}`
  if (!/^[\w.-]{1,64}$/.test(name)) throw invalid(`API key ${which} has no name of letters, digits, - and _`)
  const given = scopes.split('+')
  if (!given.every((scope): scope is Scope => SCOPES.some(known => known === scope))) {
    throw invalid(`API key ${which}: scopes are ${SCOPES.join(', ')}, joined by +`)
  }
  if (namespace !== '*' && !/^[\w.-]{1,200}$/.test(namespace)) {
    throw invalid(`API key ${which}: the namespace is * or a name of letters, digits, . - and _`)
  }
  const hashed = /^sha256-([0-9a-f]{64})$/i.exec(key)
  if (!hashed && key.length < MIN_KEY_LENGTH)
    throw invalid(`API key ${which} is shorter than ${MIN_KEY_LENGTH} characters`)
  return {
    name,
    scopes: given,
    namespace: namespace === '*' ? null : namespace,
    sha256: hashed ? (hashed[1] as string).toLowerCase() : hashOfKey(key),
  }
}

const invalid = (what: string): ObservabilityError =>
  new ObservabilityError('CONFIG_INVALID', `${what}; an API key is written as name:scopes:namespace:key`)
