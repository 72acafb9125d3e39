import type { IncomingMessage } from 'node:http'
import { SECOND } from '../../units.ts'
import { HttpError } from '../http-error.ts'
import type { BodyReader } from './body.ts'
import { readChunks } from './read-chunks.ts'

/**
 * The lines of a body as they arrive, without empty ones. A line may be as long as a body may, and between two pieces of it no
 * more time may pass than for a body; the whole may be of any length. Throws HttpErrors.
 */
export async function* readLines(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: BodyReader,
): AsyncGenerator<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new HttpError(
      415,
      'INGEST_MEDIA_TYPE_UNSUPPORTED',
      'a stream of lines is not packed; send it plain, or as a JSON array',
    )
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  const message = `nothing came for ${timeoutMs / SECOND} s; what came before is stored`
  try {
    // While we store, the sender waits, and that is not its fault.
    for await (const chunk of readChunks(request, { timeoutMs, restarts: true, message })) {
      rest += decoder.decode(chunk, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield line
      if (rest.length > maxBytes)
        throw new HttpError(413, 'INGEST_BODY_TOO_LARGE', `a line is longer than ${maxBytes} bytes`)
    }
    rest += decoder.decode()
    if (rest.trim() !== '') yield rest
  } catch (error) {
    if (error instanceof TypeError && (error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new HttpError(400, 'INGEST_BODY_INVALID', 'the body is not UTF-8; what came before is stored', {
        cause: error,
      })
    }
    throw error
  }
}
