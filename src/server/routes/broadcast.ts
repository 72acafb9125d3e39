import type { FastifyInstance, FastifyRequest } from 'fastify'
import { messageOf } from '../../errors.ts'
import { isObject } from '../../event/fields.ts'
import { parseExactJson } from '../../event/json-text.ts'
import { sources } from '../../event/registry.ts'
import type { SourceContext } from '../../event/source.ts'
import { HttpError } from '../http-error.ts'
import type { Sender } from '../ingest/access.ts'
import { jsonOf } from '../ingest/body.ts'
import type { Ingested } from '../ingest/ingest.ts'
import { addressOf, type IngestParts, ingestRoute, mediaType, prepareIngestScope } from '../ingest/ingest-app.ts'
import { readLines } from '../ingest/ndjson.ts'
import { refusedAnswer } from '../ingest/refused-answer.ts'

const JSON_TYPES = ['application/json', 'text/plain', '']
const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl']
const SHOWN_ERRORS = 100
const STREAM_BATCH = 1_000

/**
 * `POST /api/broadcast` takes unified events by their columns, `POST /api/ingest/<source>` items of any other source: one, an
 * array, `{ context, items }`, or a stream of lines (NDJSON), which may be as long as it likes.
 */
export async function broadcastRoutes(app: FastifyInstance, { ingest, access, bodies }: IngestParts): Promise<void> {
  prepareIngestScope(app, access)
  ingestRoute(app, '/api/broadcast', request => handle(request, 'unified'))
  ingestRoute(app, '/api/ingest/:source', request => {
    const { source } = request.params as { source: string }
    // OTLP's items stand below their resource, which these bodies do not have.
    if (!sources.has(source) || source.startsWith('otlp-')) {
      const known = [...sources.keys()].filter(name => !name.startsWith('otlp-'))
      throw new HttpError(
        404,
        'INGEST_BODY_INVALID',
        `no source is called ${source.slice(0, 100)}; there are ${known.join(', ')}`,
      )
    }
    return handle(request, source)
  })

  async function handle(request: FastifyRequest, source: string): Promise<unknown> {
    const type = mediaType(request)
    // A page that goes has no time to ask first whether it may send headers: then the key is in the body.
    const isFromPage = type === 'text/plain' && !access.hasKey(request)
    const known = isFromPage ? null : access.senderOf(request, 'ingest')
    if (known !== null && NDJSON_TYPES.includes(type)) return stream(request, source, known)
    if (!JSON_TYPES.includes(type)) {
      throw new HttpError(
        415,
        'INGEST_MEDIA_TYPE_UNSUPPORTED',
        `events come as ${[...JSON_TYPES.slice(0, 2), ...NDJSON_TYPES].join(', ')}`,
      )
    }
    return bodies.read(request.raw, async body => {
      const given = jsonOf(body)
      const sender = known ?? access.senderOf(request, 'ingest', isObject(given) ? given.writeKey : null)
      const { items, context } = itemsOf(given)
      const result = await ingest.accept({
        source,
        items,
        sender,
        address: addressOf(request),
        context: { userAgent: request.headers['user-agent'] ?? null, ...context },
      })
      if (result.accepted === 0 && result.refused.length > 0) throw refusedAnswer(result)
      const [first] = result.events
      return { ...answer(result), ...(items.length === 1 && first ? first : {}) }
    })
  }

  // As many lines at a time as are stored together; the sender waits meanwhile.
  async function stream(request: FastifyRequest, source: string, sender: Sender): Promise<unknown> {
    const total: Ingested = { accepted: 0, refused: [], events: [] }
    let refusedCount = 0
    let first = 0
    let parsed: unknown[] = []
    let broken: Ingested['refused'] = []
    const context = { userAgent: request.headers['user-agent'] ?? null }
    const flush = async (): Promise<void> => {
      const indexes = [...parsed.keys()].filter(at => parsed[at] !== undefined)
      const items = indexes.map(at => parsed[at])
      const own = await ingest.accept({ source, items, sender, address: addressOf(request), context })
      const refused = [
        ...broken,
        ...own.refused.map(item => ({ ...item, index: first + (indexes[item.index] as number) })),
      ]
      total.accepted += own.accepted
      refusedCount += refused.length
      total.refused.push(...refused.sort((a, b) => a.index - b.index).slice(0, SHOWN_ERRORS - total.refused.length))
      first += parsed.length
      parsed = []
      broken = []
    }
    for await (const line of readLines(request.raw, bodies)) {
      try {
        parsed.push(parseExactJson(line))
      } catch (error) {
        broken.push({
          index: first + parsed.length,
          code: 'EVENT_INVALID',
          message: `it is not JSON: ${messageOf(error)}`,
        })
        parsed.push(undefined)
      }
      if (parsed.length >= STREAM_BATCH) await flush()
    }
    if (parsed.length > 0) await flush()
    if (total.accepted === 0 && refusedCount > 0) throw refusedAnswer(total)
    return { ...answer(total), rejected: refusedCount }
  }
}

function answer({ accepted, refused }: Ingested): Record<string, unknown> {
  return {
    success: true,
    accepted,
    rejected: refused.length,
    ...(refused.length > 0 ? { errors: refused.slice(0, SHOWN_ERRORS) } : {}),
  }
}

function itemsOf(body: unknown): { items: readonly unknown[]; context: Partial<SourceContext> } {
  if (Array.isArray(body)) return { items: body, context: {} }
  if (!isObject(body) || !Array.isArray(body.items) || 'event_type' in body) return { items: [body], context: {} }
  const given = isObject(body.context) ? body.context : {}
  const context: Partial<SourceContext> = {}
  for (const key of ['ns', 'pageUrl', 'sessionId', 'userAgent'] as const) {
    const value = given[key]
    if (typeof value === 'string' && value !== '') context[key] = value
  }
  return { items: body.items, context }
}
