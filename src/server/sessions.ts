import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import type { LoginSettings } from '../config/login.ts'
import { isSame } from '../graphql/auth/authenticate.ts'
import { cookieValue } from '../graphql/auth/cookie.ts'
import type { Authenticated, Headers } from '../graphql/auth/session-of.ts'
import { GraphqlError } from '../graphql/errors.ts'
import { HOUR, SECOND } from '../units.ts'

/** Roles of the shipped metadata that people log in with; the operator may also look as the viewer. */
const MAY_ACT_AS = {
  observability_viewer: ['observability_viewer'],
  observability_operator: ['observability_operator', 'observability_viewer'],
} as const
export type LoginRole = keyof typeof MAY_ACT_AS

export interface LoginSession {
  readonly role: LoginRole
  /** In milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Sessions {
  /** The role whose password this is. */
  roleOf(password: string): LoginRole | null
  /** A new session as the value of a cookie. */
  issue(role: LoginRole): Promise<{ token: string; session: LoginSession }>
  /** Undefined when the cookie holds none, or one that has ended. */
  read(headers: Headers): Promise<LoginSession | undefined>
  /** For GraphQL: like `read`, with the role that a header asks for. */
  authenticate(headers: Headers): Promise<Authenticated | undefined>
  /** Ends the session in the cookie before its time. */
  end(headers: Headers): Promise<void>
}

export const SESSION_COOKIE = 'observability_session'
const ISSUER = 'hasura-event-detector-observability'

/** Whether anybody can log in. */
export const hasLogin = ({ passwords }: LoginSettings): boolean => Object.values(passwords).some(Boolean)

/** Sessions in a cookie that this server signs: nothing of them is stored, but those that were ended early. */
export function createSessions({ passwords, sessionHours, sessionSecret }: LoginSettings): Sessions {
  const key = sessionSecret === null ? createSecretKey(randomBytes(32)) : createSecretKey(sessionSecret, 'utf8')
  const roles = Object.keys(MAY_ACT_AS) as LoginRole[]
  /** Ids of ended sessions, until they would have ended by themselves. */
  const ended = new Map<string, number>()
  /** Who wants to know when a session ends early, by its id. */
  const waiting = new Map<string, Set<() => void>>()

  function onEnd(id: string, listener: () => void): () => void {
    const listeners = waiting.get(id) ?? new Set()
    waiting.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && waiting.get(id) === listeners) waiting.delete(id)
    }
  }

  async function verify(headers: Headers): Promise<(LoginSession & { id: string }) | undefined> {
    const token = cookieValue(headers.cookie, SESSION_COOKIE)
    if (token === undefined) return undefined
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], issuer: ISSUER })
      const role = roles.find(name => name === payload.role)
      if (role === undefined || payload.exp === undefined || payload.jti === undefined) return undefined
      // A role whose password was taken away has no sessions any more.
      if (passwords[role] === null || ended.has(payload.jti)) return undefined
      return { id: payload.jti, role, expiresAt: payload.exp * SECOND }
    } catch {
      // Forged, expired, or of another server: as if it were not there.
      return undefined
    }
  }

  return {
    roleOf(password) {
      // All are compared, so that the time taken does not say which.
      const fitting = roles.filter(role => passwords[role] !== null && isSame(password, passwords[role] ?? ''))
      return fitting[0] ?? null
    },
    async issue(role) {
      const expiresAt = Math.floor((Date.now() + sessionHours * HOUR) / SECOND)
      const token = await new SignJWT({ role })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setJti(randomUUID())
        .setExpirationTime(expiresAt)
        .sign(key)
      return { token, session: { role, expiresAt: expiresAt * SECOND } }
    },
    read: verify,
    async authenticate(headers) {
      const session = await verify(headers)
      if (session === undefined) return undefined
      const requested = headers['x-hasura-role']
      const role = typeof requested === 'string' ? requested : session.role
      if (!(MAY_ACT_AS[session.role] as readonly string[]).includes(role)) {
        throw new GraphqlError('access-denied', 'Your requested role is not in allowed roles')
      }
      return {
        session: { role, variables: { 'x-hasura-role': role } },
        expiresAt: session.expiresAt,
        onEnd: listener => onEnd(session.id, listener),
      }
    },
    async end(headers) {
      const session = await verify(headers)
      if (session === undefined) return
      for (const [id, expiresAt] of ended) if (expiresAt < Date.now()) ended.delete(id)
      ended.set(session.id, session.expiresAt)
      const listeners = [...(waiting.get(session.id) ?? [])]
      waiting.delete(session.id)
      for (const listener of listeners) listener()
    },
  }
}
