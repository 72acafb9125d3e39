import { createPublicKey, createSecretKey } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { messageOf } from '../../errors.ts'
import { GraphqlError } from '../errors.ts'
import { parseJsonPath } from '../plan/json-path.ts'
import { cookieValue } from './cookie.ts'
import { type ClaimsPlace, type JwtConfig, PUBLIC_KEY_ALGORITHMS } from './jwt-config.ts'
import type { Authenticated, Headers } from './session-of.ts'

const ALLOWED_ROLES = 'x-hasura-allowed-roles'
const DEFAULT_ROLE = 'x-hasura-default-role'
const FETCH_TIMEOUT_MS = 5_000

export interface JwtAuthentication {
  /** Undefined when the headers hold no token. Rejects with GraphqlError when the token is not good. */
  authenticate(headers: Headers): Promise<Authenticated | undefined>
}

/** Tokens that another service issued, by Hasura's rules. Throws an Error when the key is none. */
export function createJwtAuthentication(config: JwtConfig, onUnexpected: (error: unknown) => void): JwtAuthentication {
  const options: JWTVerifyOptions = {
    algorithms: config.algorithm === null ? [...PUBLIC_KEY_ALGORITHMS] : [config.algorithm],
    clockTolerance: config.allowedSkew,
    ...(config.audience === null ? {} : { audience: [...config.audience] }),
    ...(config.issuer === null ? {} : { issuer: config.issuer }),
  }
  const verify = verifier(config, options)

  return {
    async authenticate(headers) {
      const token = tokenOf(headers, config)
      if (token === undefined) return undefined
      let payload: JWTPayload
      try {
        payload = await verify(token)
      } catch (error) {
        if (!isOfToken(error)) onUnexpected(error)
        throw new GraphqlError('invalid-jwt', `Could not verify JWT: ${reasonOf(error)}`, null, undefined, {
          cause: error,
        })
      }
      const expiresAt = payload.exp === undefined ? null : (payload.exp + config.allowedSkew) * 1_000
      return { session: sessionOf(claimsOf(payload, config.claims), headers), expiresAt }
    },
  }
}

function verifier(config: JwtConfig, options: JWTVerifyOptions): (token: string) => Promise<JWTPayload> {
  if (config.jwkUrl !== null) {
    const keys = createRemoteJWKSet(new URL(config.jwkUrl), { timeoutDuration: FETCH_TIMEOUT_MS })
    return async token => (await jwtVerify(token, keys, options)).payload
  }
  const text = config.key as string
  const key = config.algorithm?.startsWith('HS') ? createSecretKey(text, 'utf8') : createPublicKey(text)
  return async token => (await jwtVerify(token, key, options)).payload
}

function tokenOf(headers: Headers, { header }: JwtConfig): string | undefined {
  if (header.type === 'Cookie') return cookieValue(headers.cookie, header.name)
  const value = headers[header.name]
  if (typeof value !== 'string' || value === '') return undefined
  if (header.type === 'CustomHeader') return value
  const [, token] = /^Bearer +(\S+)$/i.exec(value) ?? []
  if (token === undefined) throw new GraphqlError('invalid-headers', 'Malformed Authorization header')
  return token
}

/** In the words that Hasura uses. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'JWTExpired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { aud: 'JWTNotInAudience', iss: 'JWTNotInIssuer', nbf: 'JWTNotYetValid' }[error.claim] ?? error.message
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed) {
    return 'JWSError JWSInvalidSignature'
  }
  if (error instanceof errors.JWKSNoMatchingKey) return 'JWSError NoSuitableKey'
  return isOfToken(error) ? `JWSError ${messageOf(error)}` : 'the keys at jwk_url cannot be read now'
}

/** Whether the token is at fault, and not the way to the keys. */
const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
  error.code !== errors.JOSEError.code

const refuse = (code: 'jwt-invalid-claims' | 'jwt-missing-role-claims', message: string): never => {
  throw new GraphqlError(code, message)
}

/** The x-hasura-… claims of a token, by lower-case name. */
function claimsOf(payload: JWTPayload, place: ClaimsPlace): Record<string, unknown> {
  if (place.kind === 'map') {
    return Object.fromEntries(
      Object.entries(place.entries).map(([name, claim]) => {
        if ('value' in claim) return [name, claim.value]
        const value = lookUp(payload, claim.path) ?? claim.fallback
        if (value === undefined) refuse('jwt-invalid-claims', `claim ${name}: nothing is at ${claim.path}`)
        return [name, value]
      }),
    )
  }
  const shown = place.kind === 'path' ? `claims_namespace_path: '${place.path}'` : `claims key: '${place.name}'`
  const found = place.kind === 'path' ? lookUp(payload, place.path) : payload[place.name]
  if (found === undefined) refuse('jwt-invalid-claims', `${shown} not found`)
  const claims = place.isText ? parseText(found, shown) : found
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    return refuse('jwt-invalid-claims', `${shown} holds no object; claims_format says how it is written`)
  }
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name.toLowerCase(), value]))
}

function parseText(value: unknown, shown: string): unknown {
  try {
    if (typeof value === 'string') return JSON.parse(value)
  } catch {
    // Said below, as for what is no text at all.
  }
  return refuse('jwt-invalid-claims', `${shown} holds no JSON text, as claims_format promises`)
}

function lookUp(payload: JWTPayload, path: string): unknown {
  let value: unknown = payload
  for (const key of parseJsonPath(path, null)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

function sessionOf(claims: Record<string, unknown>, headers: Headers): Authenticated['session'] {
  const { [ALLOWED_ROLES]: allowed, [DEFAULT_ROLE]: byDefault, ...others } = claims
  if (allowed === undefined) refuse('jwt-missing-role-claims', `JWT claim does not contain ${ALLOWED_ROLES}`)
  if (!Array.isArray(allowed) || !allowed.every(role => typeof role === 'string')) {
    const encountered = Array.isArray(allowed) ? 'another list' : jsonType(allowed)
    return refuse(
      'jwt-invalid-claims',
      `invalid ${ALLOWED_ROLES}; should be a list of roles: parsing [] failed, expected Array, but encountered ${encountered}`,
    )
  }
  if (byDefault === undefined) refuse('jwt-missing-role-claims', `JWT claim does not contain ${DEFAULT_ROLE}`)
  if (typeof byDefault !== 'string') return refuse('jwt-invalid-claims', `invalid ${DEFAULT_ROLE}; should be a role`)
  const requested = headers['x-hasura-role']
  const role = typeof requested === 'string' ? requested : byDefault
  if (!allowed.includes(role)) {
    throw new GraphqlError('access-denied', 'Your requested role is not in allowed roles')
  }
  const variables = Object.entries(others)
    .filter(([name]) => name.startsWith('x-hasura-'))
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
  return { role, variables: { ...Object.fromEntries(variables), 'x-hasura-role': role }, backendOnly: false }
}

const jsonType = (value: unknown): string =>
  value === null ? 'Null' : (typeof value).replace(/^./, first => first.toUpperCase())
