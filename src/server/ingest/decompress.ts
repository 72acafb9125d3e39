import { promisify } from 'node:util'
import { gunzip, inflate, inflateRaw } from 'node:zlib'
import { Decompress } from 'fzstd'
import { messageOf } from '../../errors.ts'
import { HttpError } from '../http-error.ts'

const unzip = promisify(gunzip)
const unDeflate = promisify(inflate)
const unDeflateRaw = promisify(inflateRaw)

/** Unpacks a body. Throws INGEST_BODY_TOO_LARGE as soon as more than `maxBytes` come out, INGEST_BODY_INVALID for damage. */
export async function decompress(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const options = { maxOutputLength: maxBytes }
  try {
    switch (encoding.trim().toLowerCase()) {
      case '':
      case 'identity':
        return body
      case 'gzip':
      case 'x-gzip':
        return await unzip(body, options)
      case 'deflate':
        // With the header that the standard asks for, or without, as some senders do.
        return await (((body[0] ?? 0) & 0x0f) === 8 ? unDeflate(body, options) : unDeflateRaw(body, options))
      case 'zstd':
        return unpackZstd(body, maxBytes)
    }
  } catch (error) {
    if (error instanceof HttpError) throw error
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new HttpError(400, 'INGEST_BODY_INVALID', `the body is not ${encoding}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  throw new HttpError(
    415,
    'INGEST_MEDIA_TYPE_UNSUPPORTED',
    `the encoding ${encoding.slice(0, 40)} is not known; gzip, deflate and zstd are`,
  )
}

export function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, 'INGEST_BODY_TOO_LARGE', `the body is longer than ${maxBytes} bytes; send less at a time`)
}

// Node 20 has no zstd of its own.
function unpackZstd(body: Buffer, maxBytes: number): Buffer {
  refuseLargeWindows(body, maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  const stream = new Decompress(chunk => {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  })
  stream.push(body, true)
  return Buffer.concat(chunks)
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

// A frame's header says how much memory unpacking it takes, and a few bytes can say 2 GB.
function refuseLargeWindows(body: Buffer, maxBytes: number): void {
  for (let at = body.indexOf(ZSTD_MAGIC); at >= 0; at = body.indexOf(ZSTD_MAGIC, at + 1)) {
    const descriptor = body[at + 4] ?? 0
    const isSingleSegment = (descriptor & 0x20) !== 0
    if (isSingleSegment) {
      if (contentSize(body, at, descriptor) > maxBytes) throw tooLarge(maxBytes)
      continue
    }
    const window = body[at + 5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    if (base + (base / 8) * (window & 7) > Math.max(maxBytes, 8 * 1_024 * 1_024)) throw tooLarge(maxBytes)
  }
}

function contentSize(body: Buffer, at: number, descriptor: number): number {
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  const bytes = [1, 2, 4, 8][descriptor >> 6] as number
  const start = at + 5 + dictionaryBytes
  if (start + bytes > body.length) return 0
  return bytes === 8 ? Number(body.readBigUInt64LE(start)) : body.readUIntLE(start, bytes)
}
