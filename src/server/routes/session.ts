import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MINUTE, SECOND } from '../../units.ts'
import { Attempts } from '../attempts.ts'
import { type LoginSession, SESSION_COOKIE, type Sessions } from '../sessions.ts'

export interface SessionRouteOptions {
  /** Null: nobody can log in. */
  sessions: Sessions | null
  /** Whether GraphQL asks who someone is. */
  isGuarded: boolean
}

/** What `GET /session` answers. */
export interface SessionAnswer {
  /** Whether somebody has to log in who brings no secret and no token. */
  required: boolean
  /** Whether a password is configured to log in with. */
  canLogIn: boolean
  /** Null: not logged in. Without `required` everyone is admin. */
  role: string | null
  expiresAt: string | null
}

const LIMITS = { perCaller: 10, inAll: 300, windowMs: 5 * MINUTE }
const NO_LOGIN = 'no password is configured: set OBSERVABILITY_VIEWER_PASSWORD or OBSERVABILITY_OPERATOR_PASSWORD'

/** `POST /login` with `{ "password": … }`, `POST /logout`, `GET /session`. The session is a cookie that no script can read. */
export async function sessionRoutes(app: FastifyInstance, { sessions, isGuarded }: SessionRouteOptions): Promise<void> {
  const attempts = new Attempts(LIMITS, Date.now())
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  const answer = (session: LoginSession | undefined): SessionAnswer => ({
    required: isGuarded,
    canLogIn: sessions !== null,
    role: session?.role ?? (isGuarded ? null : 'admin'),
    expiresAt: session === undefined ? null : new Date(session.expiresAt).toISOString(),
  })

  app.get('/session', async request => answer(await sessions?.read(request.headers)))

  app.post('/login', { bodyLimit: 10_000 }, async (request, reply) => {
    if (sessions === null) return reply.code(404).send({ error: NO_LOGIN })
    const waitMs = attempts.waitFor(request.ip, Date.now())
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / SECOND)
      reply.header('retry-after', seconds)
      return reply.code(429).send({ error: `too many wrong passwords: try again in ${seconds} s` })
    }
    const password = (request.body as { password?: unknown } | null | undefined)?.password
    if (typeof password !== 'string') return reply.code(400).send({ error: 'expected { "password": "…" }' })
    const role = sessions.roleOf(password)
    if (role === null) {
      attempts.failed(request.ip, Date.now())
      return reply.code(401).send({ error: 'wrong password' })
    }
    const { token, session } = await sessions.issue(role)
    setCookie(request, reply, token, Math.floor((session.expiresAt - Date.now()) / SECOND))
    return answer(session)
  })

  app.post('/logout', async (request, reply) => {
    await sessions?.end(request.headers)
    setCookie(request, reply, '', 0)
    return answer(undefined)
  })
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, maxAgeSeconds: number): void {
  // Over plain HTTP a browser would not send a Secure cookie back; a proxy says when it speaks HTTPS.
  const isSecure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https'
  reply.header(
    'set-cookie',
    `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${isSecure ? '; Secure' : ''}`,
  )
}
