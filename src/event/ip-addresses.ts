import { isIPv4, isIPv6 } from 'node:net'

/** What becomes of IP addresses of people: shortened so that they name a network, kept, or left out. */
export type IpAddresses = 'truncate' | 'keep' | 'drop'

// Where senders put the address of a person: Segment's context, OpenTelemetry's attributes, old and new names.
const KEYS: ReadonlySet<string> = new Set([
  ...['ip', 'ip_address', 'ipAddress', 'client_ip', 'clientIp', 'remote_addr', 'remoteAddress', 'x-forwarded-for'],
  ...['client.address', 'client.socket.address', 'source.address', 'network.peer.address', 'net.peer.ip'],
  ...['http.request.header.x-real-ip', 'http.request.header.cf-connecting-ip', 'http.request.header.true-client-ip'],
  ...['http.client_ip', 'net.sock.peer.addr', 'http.request.header.x-forwarded-for', 'enduser.ip', 'cf-connecting-ip'],
])

/** The object with its addresses treated; the same object when it holds none. Looks one level deep. */
export function withoutAddresses(value: Record<string, unknown>, treatment: IpAddresses): Record<string, unknown> {
  if (treatment === 'keep') return value
  let result: Record<string, unknown> | null = null
  for (const key in value) {
    if (!KEYS.has(key)) continue
    const item = value[key]
    result ??= Object.assign(Object.create(null) as Record<string, unknown>, value)
    if (treatment === 'drop') delete result[key]
    else if (typeof item === 'string') result[key] = truncated(item)
    else if (Array.isArray(item)) result[key] = item.map(each => (typeof each === 'string' ? truncated(each) : each))
  }
  return result ?? value
}

/** Of IPv4 the last part becomes 0, of IPv6 all but the first three. What is no address stays: a host's name, a socket. */
export function truncated(text: string): string {
  if (text.includes(','))
    return text
      .split(',')
      .map(each => truncated(each.trim()))
      .join(', ')
  if (isIPv4(text)) return text.replace(/\d+$/, '0')
  if (!isIPv6(text)) return text
  const mapped = /^::ffff:(\d+\.\d+\.\d+)\.\d+$/i.exec(text)
  if (mapped) return `::ffff:${mapped[1]}.0`
  const [head = ''] = text.split('::')
  const first = head.split(':').slice(0, 3)
  while (first.length < 3) first.push('0')
  return `${first.join(':')}::`
}
