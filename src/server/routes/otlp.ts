import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messageOf } from '../../errors.ts'
import { readOtlpRequest, writeOtlpResponse, writeOtlpStatus } from '../../event/otlp/protobuf.ts'
import { itemsOf, SIGNALS, type Signal } from '../../event/otlp/request.ts'
import type { RefusedItem } from '../../event/transform-items.ts'
import { HttpError } from '../http-error.ts'
import { jsonOf } from '../ingest/body.ts'
import type { Ingested } from '../ingest/ingest.ts'
import { addressOf, type IngestParts, ingestRoute, mediaType, prepareIngestScope } from '../ingest/ingest-app.ts'
import { letFinish } from '../let-finish.ts'

const PROTOBUF = 'application/x-protobuf'
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const
const SHOWN_REASONS = 10

/** OTLP/HTTP 1.x: `/v1/traces`, `/v1/logs`, `/v1/metrics`, in protobuf and JSON, with partial success. */
export async function otlpRoutes(app: FastifyInstance, { ingest, access, bodies }: IngestParts): Promise<void> {
  prepareIngestScope(app, access)
  const inherited = app.errorHandler
  app.setErrorHandler((error, request, reply) => {
    // The specification asks for errors in the encoding of the request.
    if (mediaType(request) === PROTOBUF && error instanceof HttpError) {
      if (error.retryAfterSeconds !== null) reply.header('retry-after', error.retryAfterSeconds)
      letFinish(request.raw)
      const status = writeOtlpStatus(grpcCodeOf(error.status), `${error.code}: ${error.message}`)
      return reply.code(error.status).type(PROTOBUF).send(Buffer.from(status))
    }
    return inherited(error, request, reply)
  })
  for (const signal of Object.keys(SIGNALS) as Signal[]) {
    ingestRoute(app, `/v1/${signal}`, (request, reply) => handle(signal, request, reply))
  }

  async function handle(signal: Signal, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const sender = access.senderOf(request, 'ingest')
    const isJson = mediaType(request) === 'application/json'
    if (!isJson && mediaType(request) !== PROTOBUF) {
      throw new HttpError(
        415,
        'INGEST_MEDIA_TYPE_UNSUPPORTED',
        `OTLP comes as ${PROTOBUF} or application/json, not as ${mediaType(request).slice(0, 100) || 'nothing'}`,
      )
    }
    return bodies.read(request.raw, async body => {
      const items = itemsOf(signal, isJson ? jsonOf(body) : protobufOf(signal, body))
      if (items === null) {
        throw new HttpError(
          400,
          'INGEST_BODY_INVALID',
          `the body is no request of OTLP: ${SIGNALS[signal].resources} is wrong`,
        )
      }
      const result = await ingest.accept({ source: SIGNALS[signal].source, items, sender, address: addressOf(request) })
      const message = reasonsOf(result)
      if (isJson) {
        const rejected = { [REJECTED[signal]]: String(result.refused.length), errorMessage: message }
        return reply.send(result.refused.length === 0 ? {} : { partialSuccess: rejected })
      }
      return reply.type(PROTOBUF).send(Buffer.from(writeOtlpResponse(result.refused.length, message)))
    })
  }
}

function protobufOf(signal: Signal, body: Buffer): unknown {
  try {
    return readOtlpRequest(signal, body)
  } catch (error) {
    throw new HttpError(400, 'INGEST_BODY_INVALID', `the body is no request of OTLP in protobuf: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function reasonsOf({ refused }: Ingested): string {
  const shown = refused
    .slice(0, SHOWN_REASONS)
    .map(({ index, code, message }: Omit<RefusedItem, 'code'> & { code: string }) => {
      return `item ${index}: ${code}: ${message}`
    })
  const more = refused.length - shown.length
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ')
}

// Of google.rpc.Code, what comes nearest.
function grpcCodeOf(status: number): number {
  switch (status) {
    case 401:
      return 16
    case 403:
      return 7
    case 429:
      return 8
    case 503:
      return 14
    default:
      return 3
  }
}
