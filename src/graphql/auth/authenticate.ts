import { createHash, timingSafeEqual } from 'node:crypto'
import { GraphqlError } from '../errors.ts'
import type { Session } from '../execute/session.ts'
import { ADMIN_ROLE } from '../permissions/access.ts'
import { createJwtAuthentication } from './jwt.ts'
import type { JwtConfig } from './jwt-config.ts'
import type { Authenticate, Authenticated, Headers } from './session-of.ts'

export interface AuthOptions {
  /** Of those who may choose their role and session variables; null: nobody can. */
  readonly adminSecret: string | null
  /** Role of those who bring nothing; null: they are refused. */
  readonly unauthorizedRole: string | null
  /** Whether those may bring session variables of their own, as Hasura lets them: anyone can then claim to be any user. */
  readonly unauthorizedSessionVariables?: boolean
  /** Null: no tokens. */
  readonly jwt?: JwtConfig | null
  /** Sessions of those who logged in here; undefined when a request belongs to none. */
  readonly sessions?: ((headers: Headers) => Promise<Authenticated | undefined>) | null
  /** Told of failures that are not the client's: the keys of tokens cannot be fetched. */
  readonly onUnexpected?: (error: unknown) => void
}

const SECRET_HEADERS = ['x-hasura-admin-secret', 'x-hasura-access-key']

/** Whether anybody is asked who they are. If not, everyone may be every role. */
export const isGuarded = ({ adminSecret, jwt, sessions }: AuthOptions): boolean =>
  adminSecret !== null || (jwt ?? null) !== null || (sessions ?? null) !== null

/**
 * Who asks, by Hasura's rules: the admin secret, else a session of the login, else a token, else the unauthorized role.
 *
 * One thing is stricter than in Hasura: session variables that come without the secret are dropped under the
 * unauthorized role, where anyone could claim to be any user with them.
 */
export function createAuthenticate(options: AuthOptions): Authenticate {
  const { adminSecret, unauthorizedRole, jwt = null, sessions = null, onUnexpected = () => {} } = options
  const tokens = jwt === null ? null : createJwtAuthentication(jwt, onUnexpected)
  const isOpen = !isGuarded(options)

  return async headers => {
    if (isOpen) return { session: trusted(headers), expiresAt: null }
    const secret = SECRET_HEADERS.map(name => headers[name]).find(value => typeof value === 'string')
    if (typeof secret === 'string') {
      if (adminSecret !== null && isSame(secret, adminSecret)) return { session: trusted(headers), expiresAt: null }
      throw new GraphqlError('access-denied', 'invalid x-hasura-admin-secret/x-hasura-access-key')
    }
    const known = (await sessions?.(headers)) ?? (await tokens?.authenticate(headers))
    if (known !== undefined) return known
    if (unauthorizedRole !== null) {
      const given = options.unauthorizedSessionVariables ? sessionVariables(headers) : {}
      const variables = { ...given, 'x-hasura-role': unauthorizedRole }
      return { session: { role: unauthorizedRole, variables, backendOnly: false }, expiresAt: null }
    }
    if (tokens !== null) {
      const message = "Missing 'Authorization' or 'Cookie' header in JWT authentication mode"
      throw new GraphqlError('invalid-headers', message)
    }
    throw new GraphqlError(
      'access-denied',
      adminSecret === null
        ? 'not logged in: POST /login gives a session'
        : 'x-hasura-admin-secret/x-hasura-access-key required, but not found',
    )
  }
}

function sessionVariables(headers: Headers): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-hasura-') && typeof value === 'string' && !SECRET_HEADERS.includes(name)) {
      variables[name] = value
    }
  }
  return variables
}

function trusted(headers: Headers): Session {
  const variables = sessionVariables(headers)
  const role = variables['x-hasura-role'] ?? ADMIN_ROLE
  variables['x-hasura-role'] = role
  const backendOnly = variables['x-hasura-use-backend-only-permissions']
  return { role, variables, backendOnly: backendOnly === undefined ? false : readBoolean(backendOnly) }
}

const TRUE_WORDS = ['true', 't', 'yes', 'y']
const FALSE_WORDS = ['false', 'f', 'no', 'n']

function readBoolean(text: string): boolean {
  const word = text.toLowerCase()
  if (TRUE_WORDS.includes(word)) return true
  if (FALSE_WORDS.includes(word)) return false
  throw new GraphqlError(
    'bad-request',
    'x-hasura-use-backend-only-permissions:  Not a valid boolean text. ' +
      `True values are ${JSON.stringify(TRUE_WORDS)} and  False values are ${JSON.stringify(FALSE_WORDS)}. ` +
      'All values are case insensitive',
  )
}

/** Compares secrets: hashes have one length, and comparing them takes the same time wherever they differ. */
export function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}
