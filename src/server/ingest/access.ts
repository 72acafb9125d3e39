import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { type ApiKey, hashOfKey, SCOPES, type Scope } from '../../api-keys.ts'
import { type CallerRules, isAllowedOrigin, isNamedOrigin } from '../caller.ts'
import { HttpError } from '../http-error.ts'

/** Who sends or reads, as far as it is known. */
export interface Sender {
  /** The name of its key; null where none is needed. */
  keyName: string | null
  /** The namespace it is confined to; null for all. */
  namespace: string | null
  scopes: readonly Scope[]
}

export interface AccessOptions {
  keys: readonly ApiKey[]
  /**
   * `loopbackOnly`: the server serves this machine only, and no key is needed unless there are keys. `allowedOrigins`: other
   * web pages that may send.
   */
  callers: CallerRules
}

const ANYBODY: Sender = { keyName: null, namespace: null, scopes: SCOPES }

/** Decides who may send events. */
export class Access {
  readonly #keys: ReadonlyMap<string, ApiKey>
  readonly #options: AccessOptions

  constructor(options: AccessOptions) {
    this.#options = options
    this.#keys = new Map(options.keys.map(key => [key.sha256, key]))
  }

  /**
   * The holder of a key that may read; null when there is no key, or when what is given may be a token of another kind.
   * Throws INGEST_FORBIDDEN for a key that may only send.
   */
  readerOf(headers: IncomingHttpHeaders): Sender | null {
    const key = keyOf(headers)
    const known = key === null ? undefined : this.#keys.get(hashOfKey(key))
    return known ? senderWith(known, 'read') : null
  }

  /**
   * The sender of a request. The key comes as `Authorization: Bearer`, as `X-API-Key`, as the user of basic authorization, or
   * in the body (`given`), where Segment's libraries put it. Throws INGEST_UNAUTHORIZED or INGEST_FORBIDDEN.
   */
  senderOf(request: FastifyRequest, scope: Scope, given: unknown = null): Sender {
    if (this.#keys.size === 0) {
      if (this.#options.callers.loopbackOnly) return ANYBODY
      throw new HttpError(
        401,
        'INGEST_UNAUTHORIZED',
        'this server serves a network and has no API keys: set OBSERVABILITY_API_KEYS',
      )
    }
    const key = keyOf(request.headers) ?? (typeof given === 'string' && given !== '' ? given : null)
    if (key === null) {
      throw new HttpError(401, 'INGEST_UNAUTHORIZED', 'an API key is needed: send it as "Authorization: Bearer <key>"')
    }
    // Found by its hash: how long it takes says nothing about how much of a key is right.
    const known = this.#keys.get(hashOfKey(key))
    if (!known) throw new HttpError(401, 'INGEST_UNAUTHORIZED', 'the API key is not known')
    return senderWith(known, scope)
  }

  /** Whether a request brings a key where every request may have one, whatever it is worth. */
  hasKey(request: FastifyRequest): boolean {
    return keyOf(request.headers) !== null
  }

  /** Whether pages of this very origin may send, and not just those of all. */
  isNamed(origin: string): boolean {
    return this.#options.callers.allowedOrigins.includes(origin)
  }

  /**
   * The origin that a browser may be told is welcome; null when the request comes from no page of another origin. Throws
   * INGEST_ORIGIN_REFUSED: without it any page that a person opens could write to a server on their own machine.
   */
  allowedOrigin(request: FastifyRequest): string | null {
    const { origin } = request.headers
    if (origin === undefined) return null
    const { callers } = this.#options
    if (isAllowedOrigin(request.headers, origin, callers)) return isNamedOrigin(origin, callers) ? origin : null
    throw new HttpError(
      403,
      'INGEST_ORIGIN_REFUSED',
      `pages of ${origin.slice(0, 200)} may not send events: see INGEST_ORIGINS`,
    )
  }
}

function senderWith(key: ApiKey, scope: Scope): Sender {
  if (!key.scopes.includes(scope)) {
    throw new HttpError(403, 'INGEST_FORBIDDEN', `the API key "${key.name}" lacks the scope ${scope}`)
  }
  return { keyName: key.name, namespace: key.namespace, scopes: key.scopes }
}

function keyOf(headers: IncomingHttpHeaders): string | null {
  const { authorization } = headers
  const header = headers['x-api-key']
  if (typeof header === 'string' && header !== '') return header
  const [, scheme, value] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization ?? '') ?? []
  if (scheme === undefined || value === undefined) return null
  if (scheme.toLowerCase() === 'bearer') return value
  const [user = ''] = Buffer.from(value, 'base64').toString().split(':')
  return user === '' ? null : user
}
