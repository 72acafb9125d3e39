import type { IncomingMessage } from 'node:http'
import { SECOND } from '../units.ts'

const LINGER_MS = 2 * SECOND

/**
 * Throws away what still comes of a refused request, for a moment. A connection that is closed while its sender is sending is
 * reset, and then the sender never reads why it was refused. Whoever has not finished by then is cut off; whoever has may use
 * the connection for the next request.
 */
export function letFinish(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const cutOff = (): void => {
    if (!request.complete) request.socket.destroy()
  }
  // After a busy moment timers run first, and what has come meanwhile is heard after them.
  const timer = setTimeout(() => setImmediate(cutOff), LINGER_MS)
  timer.unref()
  const done = (): void => clearTimeout(timer)
  request.once('end', done).once('close', done).once('error', done)
  // A reader that gave up on a slow body still waits for its next piece, and nothing would flow past it: the end would not be seen,
  // and the connection cut in the middle of a later request.
  request.removeAllListeners('readable')
  request.resume()
}
