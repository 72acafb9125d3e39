import { createPublicKey } from 'node:crypto'

/** HASURA_GRAPHQL_JWT_SECRET, read: how tokens are checked, and where in them the role and session variables are. */
export interface JwtConfig {
  /** Null with `jwkUrl`: then each key says it itself. */
  readonly algorithm: JwtAlgorithm | null
  /** The secret (HS…) or the public key or certificate (PEM); null with `jwkUrl`. */
  readonly key: string | null
  readonly jwkUrl: string | null
  readonly claims: ClaimsPlace
  readonly audience: readonly string[] | null
  readonly issuer: string | null
  /** How far clocks may differ, in seconds. */
  readonly allowedSkew: number
  /** Where the token is: `Authorization: Bearer …`, a cookie, or a header of its own. */
  readonly header: { readonly type: 'Authorization' | 'Cookie' | 'CustomHeader'; readonly name: string }
}

export type ClaimsPlace =
  | { readonly kind: 'namespace'; readonly name: string; readonly isText: boolean }
  | { readonly kind: 'path'; readonly path: string; readonly isText: boolean }
  | { readonly kind: 'map'; readonly entries: Readonly<Record<string, MappedClaim>> }

/** A value, or where it is in the token and what it is when it is not there. */
export type MappedClaim = { readonly value: unknown } | { readonly path: string; readonly fallback: unknown }

const ALGORITHMS = [
  ...(['HS256', 'HS384', 'HS512'] as const),
  ...(['RS256', 'RS384', 'RS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const
export type JwtAlgorithm = (typeof ALGORITHMS)[number]

/** Those with a public key: the only ones that keys at an address are for. */
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = ALGORITHMS.filter(name => !name.startsWith('HS'))

const KNOWN_KEYS = [
  ...['type', 'key', 'jwk_url', 'claims_namespace', 'claims_namespace_path', 'claims_format', 'claims_map'],
  ...['audience', 'issuer', 'allowed_skew', 'header'],
]
const DEFAULT_NAMESPACE = 'https://hasura.io/jwt/claims'
// A shorter secret can be guessed from one token.
const MIN_SECRET_BYTES = 32

/** Reads the JSON of HASURA_GRAPHQL_JWT_SECRET. Throws an Error that says what is wrong and never shows the key. */
export function parseJwtConfig(text: string): JwtConfig {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  if (!isObject(value)) throw new Error('it is not a JSON object')
  const unknown = Object.keys(value).find(key => !KNOWN_KEYS.includes(key))
  if (unknown !== undefined) throw new Error(`unknown key ${unknown}; known are ${KNOWN_KEYS.join(', ')}`)
  const { audience, allowed_skew: skew } = value
  if (skew !== undefined && !(typeof skew === 'number' && skew >= 0))
    throw new Error('allowed_skew: seconds, 0 or more')
  const audiences = typeof audience === 'string' ? [audience] : (audience ?? null)
  if (audiences !== null && !isTexts(audiences)) throw new Error('audience: a text or a list of texts')
  return Object.freeze({
    ...parseKey(value),
    claims: Object.freeze(parseClaimsPlace(value)),
    audience: audiences,
    issuer: optionalText(value, 'issuer'),
    allowedSkew: (skew as number | undefined) ?? 0,
    header: Object.freeze(parseHeader(value.header)),
  })
}

function parseKey(value: Record<string, unknown>): Pick<JwtConfig, 'algorithm' | 'key' | 'jwkUrl'> {
  const key = optionalText(value, 'key')
  const jwkUrl = optionalText(value, 'jwk_url')
  if ((key === null) === (jwkUrl === null)) throw new Error('give either key (with type) or jwk_url')
  if (jwkUrl !== null) {
    if (!URL.canParse(jwkUrl) || !/^https?:/.test(jwkUrl)) throw new Error('jwk_url: an address like https://…')
    return { algorithm: null, key: null, jwkUrl }
  }
  const type = value.type === 'Ed25519' ? 'EdDSA' : value.type
  const algorithm = ALGORITHMS.find(name => name === type)
  if (algorithm === undefined) throw new Error(`type: one of ${ALGORITHMS.join(', ')}`)
  if (algorithm.startsWith('HS') && Buffer.byteLength(key as string) < MIN_SECRET_BYTES) {
    throw new Error(`key: at least ${MIN_SECRET_BYTES} characters for ${algorithm}`)
  }
  if (!algorithm.startsWith('HS')) checkPublicKey(key as string)
  return { algorithm, key, jwkUrl: null }
}

function checkPublicKey(pem: string): void {
  try {
    createPublicKey(pem)
  } catch {
    throw new Error('key: a public key or a certificate, as PEM with its line breaks written as \\n')
  }
}

function parseClaimsPlace(value: Record<string, unknown>): ClaimsPlace {
  const format = value.claims_format ?? 'json'
  if (format !== 'json' && format !== 'stringified_json') throw new Error('claims_format: json or stringified_json')
  const isText = format === 'stringified_json'
  const path = optionalText(value, 'claims_namespace_path')
  const name = optionalText(value, 'claims_namespace')
  if (path !== null && name !== null) throw new Error('give claims_namespace or claims_namespace_path, not both')
  const map = value.claims_map
  if (map === undefined) {
    return path === null
      ? { kind: 'namespace', name: name ?? DEFAULT_NAMESPACE, isText }
      : { kind: 'path', path, isText }
  }
  if (!isObject(map)) throw new Error('claims_map: an object')
  const entries = Object.entries(map).map(([key, claim]) => [key.toLowerCase(), parseMappedClaim(key, claim)] as const)
  const missing = ['x-hasura-allowed-roles', 'x-hasura-default-role'].find(
    key => !entries.some(([name]) => name === key),
  )
  if (missing !== undefined) throw new Error(`claims_map: ${missing} is missing`)
  return { kind: 'map', entries: Object.freeze(Object.fromEntries(entries)) }
}

function parseMappedClaim(key: string, claim: unknown): MappedClaim {
  if (!key.toLowerCase().startsWith('x-hasura-')) throw new Error(`claims_map: ${key} does not begin with x-hasura-`)
  if (!isObject(claim)) return { value: claim }
  if (typeof claim.path !== 'string') throw new Error(`claims_map: ${key} needs a value, or an object with a path`)
  return { path: claim.path, fallback: claim.default }
}

function parseHeader(value: unknown): JwtConfig['header'] {
  const header = typeof value === 'string' ? JSON.parse(value) : (value ?? { type: 'Authorization' })
  if (!isObject(header)) throw new Error('header: an object with type')
  if (header.type === 'Authorization') return { type: 'Authorization', name: 'authorization' }
  if ((header.type === 'Cookie' || header.type === 'CustomHeader') && typeof header.name === 'string') {
    return { type: header.type, name: header.type === 'Cookie' ? header.name : header.name.toLowerCase() }
  }
  throw new Error('header: type Authorization, or Cookie or CustomHeader with a name')
}

function optionalText(value: Record<string, unknown>, key: string): string | null {
  const found = value[key]
  if (found === undefined || found === null) return null
  if (typeof found !== 'string' || found === '') throw new Error(`${key}: a text that is not empty`)
  return found
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
