import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../errors.ts'
import { parseExactJson } from '../../event/json-text.ts'
import { MIB, SECOND } from '../../units.ts'
import { HttpError } from '../http-error.ts'
import { decompress, tooLarge } from './decompress.ts'
import { readChunks } from './read-chunks.ts'

export interface BodyLimits {
  /** Longest body, packed and unpacked, in bytes. */
  maxBytes: number
  /** Longest time until all of it is here, in milliseconds. @default 30000 */
  timeoutMs?: number
}

const TIMEOUT_MS = 30 * SECOND
const MAX_BYTES_IN_FLIGHT = 128 * MIB
const MAX_UNPACKING = 4

/** Reads bodies of requests within limits, for each and for all together. */
export class BodyReader {
  readonly #limits: Required<BodyLimits>
  #bytesInFlight = 0
  #unpacking = 0
  readonly #waiting: (() => void)[] = []

  constructor({ maxBytes, timeoutMs = TIMEOUT_MS }: BodyLimits) {
    this.#limits = { maxBytes, timeoutMs }
  }

  get maxBytes(): number {
    return this.#limits.maxBytes
  }

  get timeoutMs(): number {
    return this.#limits.timeoutMs
  }

  /**
   * The body, unpacked. What it takes of the memory for all requests is given back when `use` is done with it. Throws
   * HttpErrors for what is too long, too slow, damaged, or too much for now.
   */
  async read<T>(request: IncomingMessage, use: (body: Buffer) => Promise<T>): Promise<T> {
    const encoding = request.headers['content-encoding'] ?? ''
    const declared = Number(request.headers['content-length'] ?? 0)
    if (declared > this.#limits.maxBytes) throw tooLarge(this.#limits.maxBytes)
    let taken = 0
    const take = (bytes: number): void => {
      if (this.#bytesInFlight + bytes > MAX_BYTES_IN_FLIGHT) {
        throw new HttpError(429, 'INGEST_BUSY', 'too many large requests at once; send it again', {
          retryAfterSeconds: 1,
        })
      }
      this.#bytesInFlight += bytes
      taken += bytes
    }
    try {
      const packed = await this.#collect(request, take)
      if (encoding === '' || encoding === 'identity') return await use(packed)
      const body = await this.#unpack(packed, encoding)
      take(body.length)
      return await use(body)
    } finally {
      this.#bytesInFlight -= taken
    }
  }

  async #collect(request: IncomingMessage, take: (bytes: number) => void): Promise<Buffer> {
    const { maxBytes, timeoutMs } = this.#limits
    const chunks: Buffer[] = []
    let length = 0
    const message = `the body was not here after ${timeoutMs / SECOND} s`
    for await (const chunk of readChunks(request, { timeoutMs, restarts: false, message })) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge(maxBytes)
      take(chunk.length)
      chunks.push(chunk)
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  }

  // Each takes memory that is known only afterwards, so only a few at a time.
  async #unpack(packed: Buffer, encoding: string): Promise<Buffer> {
    if (this.#unpacking >= MAX_UNPACKING) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#unpacking++
    try {
      return await decompress(packed, encoding, this.#limits.maxBytes)
    } finally {
      this.#unpacking--
      this.#waiting.shift()?.()
    }
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** A body as text. Throws INGEST_BODY_INVALID when it is no UTF-8. */
export function textOf(body: Buffer): string {
  try {
    return UTF8.decode(body)
  } catch (error) {
    throw new HttpError(400, 'INGEST_BODY_INVALID', 'the body is not UTF-8', { cause: error })
  }
}

/** A body as JSON, with whole numbers exact. Throws INGEST_BODY_INVALID. */
export function jsonOf(body: Buffer): unknown {
  const text = textOf(body)
  try {
    return parseExactJson(text)
  } catch (error) {
    throw new HttpError(400, 'INGEST_BODY_INVALID', `the body is not JSON: ${messageOf(error)}`, { cause: error })
  }
}
