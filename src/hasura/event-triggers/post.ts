import http from 'node:http'
import https from 'node:https'
import { messageOf } from '../../errors.ts'
import { KIB } from '../../units.ts'

export interface PostOptions {
  url: URL
  headers: Readonly<Record<string, string>>
  body: string
  timeoutMs: number
  agents: Agents
  /** Ends the request early; the answer then is an error. */
  signal: AbortSignal
}

/** What came back: a status, or the error that took its place. */
export interface Answer {
  status: number | null
  error: string | null
  /** The first 4 KiB of the response, for whoever looks for the reason of a failure. */
  response: string | null
  /** From the header Retry-After, if it names a positive number of seconds. */
  retryAfterSeconds: number | null
}

const MAX_RESPONSE_BYTES = 4 * KIB

/** Connections kept open between deliveries. */
export interface Agents {
  http: http.Agent
  https: https.Agent
}

export function createAgents(maxSockets: number): Agents {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets }
  return { http: new http.Agent(options), https: new https.Agent(options) }
}

export function destroyAgents(agents: Agents): void {
  agents.http.destroy()
  agents.https.destroy()
}

/** POSTs a body and reads the answer. Never rejects: a failure is an answer without a status. */
export async function post(options: PostOptions): Promise<Answer> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([deadline, options.signal])
  for (;;) {
    const attempt: Attempt = { answered: false }
    try {
      return await send(options, signal, attempt)
    } catch (error) {
      if (deadline.aborted) return failure(`no answer within ${options.timeoutMs / 1_000} s`)
      // The server closed a kept connection just as it was used again: that was no attempt yet.
      const code = (error as NodeJS.ErrnoException).code
      if (attempt.request?.reusedSocket && !attempt.answered && code === 'ECONNRESET' && !signal.aborted) continue
      return failure(messageOf(error) || String(code ?? 'the request failed'))
    }
  }
}

interface Attempt {
  request?: http.ClientRequest
  answered: boolean
}

function send(options: PostOptions, signal: AbortSignal, attempt: Attempt): Promise<Answer> {
  const { url, agents } = options
  const secure = url.protocol === 'https:'
  const requestOptions: http.RequestOptions = {
    method: 'POST',
    headers: { ...options.headers, 'content-length': String(Buffer.byteLength(options.body)) },
    agent: secure ? agents.https : agents.http,
    signal,
  }
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, requestOptions)
    attempt.request = request
    request.on('error', reject)
    request.on('response', response => {
      attempt.answered = true
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        if (bytes < MAX_RESPONSE_BYTES) chunks.push(chunk.subarray(0, MAX_RESPONSE_BYTES - bytes))
        bytes += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const retryAfter = Number(response.headers['retry-after'])
        resolve({
          status: response.statusCode ?? null,
          error: null,
          // Postgres text holds no NUL.
          response: Buffer.concat(chunks).toString('utf8').replaceAll('\0', ''),
          retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
        })
      })
    })
    request.end(options.body)
  })
}

function failure(error: string): Answer {
  return { status: null, error: error.replaceAll('\0', ''), response: null, retryAfterSeconds: null }
}
