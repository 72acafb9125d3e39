import { createHash, timingSafeEqual } from 'node:crypto'
import { GraphqlError } from './errors.ts'
import type { Session } from './execute/session.ts'
import { ADMIN_ROLE } from './permissions/access.ts'

export interface AuthOptions {
  /** Null: nobody is asked for it, and everyone may be every role. */
  readonly adminSecret: string | null
  /** Role of those who bring no secret; null: they are refused. */
  readonly unauthorizedRole: string | null
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>

const SECRET_HEADERS = ['x-hasura-admin-secret', 'x-hasura-access-key']

/**
 * Who asks, by Hasura's rules. Headers are by lower-case name. Throws GraphqlError (`access-denied`, `bad-request`).
 *
 * One thing is stricter than in Hasura: session variables that come without the secret are dropped under the
 * unauthorized role, where anyone could claim to be any user with them.
 */
export function authenticate(headers: Headers, { adminSecret, unauthorizedRole }: AuthOptions): Session {
  const secret = SECRET_HEADERS.map(name => headers[name]).find(value => typeof value === 'string')
  if (adminSecret === null) return trusted(headers)
  if (typeof secret === 'string') {
    if (isSame(secret, adminSecret)) return trusted(headers)
    throw new GraphqlError('access-denied', 'invalid x-hasura-admin-secret/x-hasura-access-key')
  }
  if (unauthorizedRole === null) {
    throw new GraphqlError('access-denied', 'x-hasura-admin-secret/x-hasura-access-key required, but not found')
  }
  return { role: unauthorizedRole, variables: { 'x-hasura-role': unauthorizedRole }, backendOnly: false }
}

function trusted(headers: Headers): Session {
  const variables: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-hasura-') && typeof value === 'string' && !SECRET_HEADERS.includes(name)) {
      variables[name] = value
    }
  }
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

// Hashes have one length, and comparing them takes the same time wherever they differ.
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}
