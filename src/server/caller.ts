import type { IncomingHttpHeaders } from 'node:http'

/** Whose requests are answered at all, before anybody is asked who they are. */
export interface CallerRules {
  /** Answer only requests that name this machine: a web page elsewhere must not reach a server on loopback. */
  readonly loopbackOnly: boolean
  /** Origins of other web pages that may call, like `https://app.example.com`; `*` for all. */
  readonly allowedOrigins: readonly string[]
}

/**
 * Why a request is not answered; null when it is. Browsers always name the page a request comes from (`Origin`) when it
 * may change something, and for every WebSocket; other programs need not name one.
 */
export function refusal(headers: IncomingHttpHeaders, rules: CallerRules, mayChange: boolean): string | null {
  const hostname = hostnameOf(headers.host)
  if (rules.loopbackOnly && !isLoopbackName(hostname)) {
    // A name that resolves to 127.0.0.1 (DNS rebinding) would let any page read what is here.
    return `this server answers only as localhost, not as "${hostname}": set HOST to serve others`
  }
  const { origin } = headers
  if (!mayChange || origin === undefined || isAllowedOrigin(headers, origin, rules)) return null
  return `pages of ${origin} may not call this server: name that origin in HASURA_GRAPHQL_CORS_DOMAIN if they should`
}

/** Whether pages of another origin may call, because they were named. */
export const isNamedOrigin = (origin: string, { allowedOrigins }: CallerRules): boolean =>
  allowedOrigins.includes('*') || allowedOrigins.includes(origin)

/** Whether the page a request comes from is this server's own, or one of those that were named. */
export function isAllowedOrigin(headers: IncomingHttpHeaders, origin: string, rules: CallerRules): boolean {
  if (isNamedOrigin(origin, rules)) return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  // A proxy may have given the request another Host. A page cannot forge the header that says so.
  const forwarded = headers['x-forwarded-host']
  return [headers.host, typeof forwarded === 'string' ? forwarded : undefined].some(host => {
    const address = `${page.protocol}//${host}`
    return host !== undefined && URL.canParse(address) && new URL(address).host === page.host
  })
}

function hostnameOf(host: string | undefined): string {
  const address = `http://${host ?? ''}`
  return URL.canParse(address) ? new URL(address).hostname : (host ?? '')
}

function isLoopbackName(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(hostname) || hostname.endsWith('.localhost')
}
