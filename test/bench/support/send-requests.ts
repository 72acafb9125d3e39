import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What sending came to. */
export interface SendResult {
  seconds: number
  /** Requests that were sent again, as exporters do, and why. */
  retried: Map<string, number>
  /** Milliseconds to each answer, also of those sent again. */
  latencies: number[]
}

// OTLP: what may be sent again. A connection that ends without an answer belongs to them.
const RETRYABLE = new Set([429, 502, 503, 504])
const RETRY_AFTER_MS = 100

/**
 * Sends requests over connections that are kept, `concurrency` at a time, until `next` gives none. Refused or unanswered
 * ones are sent again as exporters do: the server takes an event that comes twice once.
 */
export async function sendRequests(
  url: string,
  type: string,
  concurrency: number,
  next: () => Buffer | null | Promise<Buffer | null>,
): Promise<SendResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const result: SendResult = { seconds: 0, retried: new Map(), latencies: [] }
  const started = performance.now()
  const sender = async (): Promise<void> => {
    for (let body = await next(); body !== null; body = await next()) {
      for (;;) {
        const sentAt = performance.now()
        const problem = await post(agent, url, type, body)
        result.latencies.push(performance.now() - sentAt)
        if (problem === null) break
        result.retried.set(problem, (result.retried.get(problem) ?? 0) + 1)
        await sleep(RETRY_AFTER_MS)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, sender))
  result.seconds = (performance.now() - started) / 1_000
  agent.destroy()
  return result
}

/** Null when all was taken, else why it has to be sent again. Rejects when that would not help. */
function post(agent: Agent, url: string, type: string, body: Buffer): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { agent, method: 'POST', headers: { 'content-type': type, 'content-length': body.length } },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', error => resolve(`answer cut: ${error.message}`))
        response.once('end', () => {
          const status = response.statusCode ?? 0
          if (status === 200) resolve(null)
          else if (RETRYABLE.has(status)) resolve(`answer ${status}`)
          else reject(new Error(`${status} ${Buffer.concat(chunks).toString('utf8')}`))
        })
      },
    )
    call.once('error', error =>
      resolve(
        `${(error as { code?: string }).code ?? error.message}${call.reusedSocket ? ' on a kept connection' : ''}`,
      ),
    )
    call.end(body)
  })
}
