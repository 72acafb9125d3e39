/** The columns that an address fills. */
export interface UrlColumns {
  http_url: string
  http_host: string | null
  http_path: string | null
  http_query: string | null
}

const URL_PARTS = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^/:?#]*)(?::\d+)?)?([^?#]*)(?:\?([^#]*))?/i
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)[^@/?#]*@/i

/** An address in its parts: the host without port, the query without question mark. Relative ones have no host. Never throws. */
export function urlColumns(url: string): UrlColumns {
  const [, host, path, query] = URL_PARTS.exec(url) ?? []
  return {
    // A user's name and password in an address are nobody's business here.
    http_url: url.includes('@') ? url.replace(CREDENTIALS, '$1') : url,
    http_host: host ? host.toLowerCase() : null,
    http_path: path || null,
    http_query: query || null,
  }
}

/** A Host header, or an address and port, without the port. */
export function withoutPort(host: string): string {
  return host.replace(/^(\[[^\]]*\]|[^:]*):\d+$/, '$1')
}
