import type { IncomingMessage } from 'node:http'
import { SECOND } from '../units.ts'

const LINGER_MS = 2 * SECOND

/**
 * Throws away what still comes of a refused request, for a moment. A connection that is closed while its sender is sending is
 * reset, and then the sender never reads why it was refused. Whoever has not finished by then is cut off.
 */
export function letFinish(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS)
  timer.unref()
  const done = (): void => clearTimeout(timer)
  request.once('end', done).once('close', done).once('error', done)
  request.resume()
}
