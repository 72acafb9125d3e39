import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isObject } from '../../event/fields.ts'
import { HttpError } from '../http-error.ts'
import { jsonOf } from '../ingest/body.ts'
import type { Ingested } from '../ingest/ingest.ts'
import { addressOf, type IngestParts, ingestRoute, mediaType, prepareIngestScope } from '../ingest/ingest-app.ts'
import { refusedAnswer } from '../ingest/refused-answer.ts'

const CALLS = ['track', 'identify', 'page', 'group', 'screen', 'alias'] as const
type Call = (typeof CALLS)[number]

/** As Segment's own: a batch of half a megabyte has rarely more than a few hundred. */
const MAX_BATCH = 10_000
const TYPES = ['application/json', 'text/plain', '']

/**
 * Segment's HTTP API: `/v1/track` and the other calls, `/v1/batch`, and their one-letter forms, which libraries for browsers
 * use. The write key is an API key: basic authorization, or `writeKey` in the body.
 */
export async function segmentRoutes(app: FastifyInstance, { ingest, access, bodies }: IngestParts): Promise<void> {
  prepareIngestScope(app, access)
  for (const call of CALLS) {
    for (const path of [`/v1/${call}`, `/v1/${call[0]}`]) ingestRoute(app, path, request => handle(request, call))
  }
  for (const path of ['/v1/batch', '/v1/b', '/v1/import']) ingestRoute(app, path, request => handle(request, null))

  function handle(request: FastifyRequest, call: Call | null): Promise<unknown> {
    if (!TYPES.includes(mediaType(request))) {
      throw new HttpError(
        415,
        'INGEST_MEDIA_TYPE_UNSUPPORTED',
        'Segment’s calls come as application/json (or text/plain)',
      )
    }
    return bodies.read(request.raw, async bytes => {
      const body = jsonOf(bytes)
      if (!isObject(body)) throw new HttpError(400, 'INGEST_BODY_INVALID', 'the body is no JSON object')
      const sender = access.senderOf(request, 'ingest', body.writeKey)
      const items = call === null ? batchOf(body) : [body]
      const context = { userAgent: request.headers['user-agent'] ?? null }
      // Calls of one kind go together; the order of what is stored is that of its times.
      const groups = new Map<Call | null, number[]>()
      for (const [index, item] of items.entries()) {
        const kind = call ?? callOf(item)
        groups.set(kind, [...(groups.get(kind) ?? []), index])
      }
      const result: Ingested = { accepted: 0, refused: [], events: [] }
      for (const [kind, indexes] of groups) {
        if (kind === null) {
          for (const index of indexes)
            result.refused.push({ index, code: 'EVENT_INVALID', message: `type is none of ${CALLS.join(', ')}` })
          continue
        }
        const own = await ingest.accept({
          source: `segment-${kind}`,
          items: indexes.map(index => items[index]),
          sender,
          address: addressOf(request),
          context,
        })
        result.accepted += own.accepted
        for (const item of own.refused) result.refused.push({ ...item, index: indexes[item.index] as number })
      }
      if (result.accepted === 0 && result.refused.length > 0) throw refusedAnswer(result)
      return result.refused.length === 0
        ? { success: true }
        : {
            success: true,
            accepted: result.accepted,
            rejected: result.refused.length,
            errors: result.refused.slice(0, 100),
          }
    })
  }
}

function batchOf(body: Record<string, unknown>): unknown[] {
  const { batch } = body
  if (!Array.isArray(batch)) throw new HttpError(400, 'INGEST_BODY_INVALID', 'batch is no list')
  if (batch.length > MAX_BATCH)
    throw new HttpError(413, 'INGEST_BODY_TOO_LARGE', `a batch has at most ${MAX_BATCH} calls`)
  const shared = body.context
  const sentAt = body.sentAt
  // What a batch says about itself holds for each of its calls.
  return batch.map(item => {
    if (!isObject(item)) return item
    return {
      ...(sentAt === undefined ? {} : { sentAt }),
      ...item,
      ...(isObject(shared) ? { context: { ...shared, ...(isObject(item.context) ? item.context : {}) } } : {}),
    }
  })
}

function callOf(item: unknown): Call | null {
  return isObject(item) ? (CALLS.find(call => call === item.type) ?? null) : null
}
