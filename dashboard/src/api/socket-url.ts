/** The WebSocket address of a GraphQL endpoint, which may be relative to the page. */
export function toSocketUrl(graphqlEndpoint: string, pageUrl: string): string {
  const url = new URL(graphqlEndpoint, pageUrl)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
