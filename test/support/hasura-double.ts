import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

/**
 * The metadata API of a Hasura v2 over HTTP, as its documentation and source describe it: versions, conflicts,
 * inconsistent objects, refusals, and an export that is not written the way it was put in.
 */
export class HasuraDouble {
  readonly requests: { type: string; body: Json }[] = []
  metadata: Json
  resourceVersion = 7
  /** Somebody else's change, made just before the next replace_metadata. */
  beforeReplace: (() => void) | null = null
  inconsistent: Json[] = []
  queryFields: string[] = []
  /** Whether the metadata API is on (HASURA_GRAPHQL_ENABLED_APIS). */
  metadataApi = true
  readonly #adminSecret: string | null
  #server: Server | null = null
  #port = 0

  constructor(metadata: Json, adminSecret: string | null = null) {
    this.metadata = metadata
    this.#adminSecret = adminSecret
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get replaced(): number {
    return this.requests.filter(request => request.type === 'replace_metadata').length
  }

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      void readBody(request).then(text => {
        const [status, answer] = this.#answer(request, JSON.parse(text))
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      })
    })
    await new Promise<void>(resolve => this.#server?.listen(0, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise<void>(resolve => this.#server?.close(() => resolve()))
  }

  #answer(request: IncomingMessage, body: Json): [number, unknown] {
    const secret = request.headers['x-hasura-admin-secret']
    const denied =
      this.#adminSecret === null || secret === this.#adminSecret
        ? null
        : secret === undefined
          ? 'x-hasura-admin-secret/x-hasura-access-key required, but not found'
          : 'invalid "x-hasura-admin-secret"/"x-hasura-access-key"'
    if (request.url === '/v1/graphql') {
      if (denied) return [200, { errors: [{ message: denied, extensions: { path: '$', code: 'access-denied' } }] }]
      const fields = this.queryFields.map(name => ({ name }))
      return [200, { data: { __typename: 'query_root', __schema: { queryType: { fields } } } }]
    }
    if (request.url !== '/v1/metadata' || !this.metadataApi) {
      return [404, { path: '$', error: 'resource does not exist', code: 'not-found' }]
    }
    if (denied) return [401, { path: '$', error: denied, code: 'access-denied' }]
    this.requests.push({ type: String(body.type), body })
    switch (body.type) {
      case 'export_metadata':
        return [200, { resource_version: this.resourceVersion, metadata: exported(this.metadata) }]
      case 'get_inconsistent_metadata':
        return [200, { is_consistent: this.inconsistent.length === 0, inconsistent_objects: this.inconsistent }]
      case 'replace_metadata':
        return this.#replace(body)
      default:
        return [400, { path: '$.type', error: `unknown metadata command ${body.type}`, code: 'parse-failed' }]
    }
  }

  #replace(body: Json): [number, unknown] {
    this.beforeReplace?.()
    if (body.resource_version !== this.resourceVersion) {
      return [
        409,
        {
          path: '$',
          error: `metadata resource version referenced (${body.resource_version}) did not match current version (${this.resourceVersion})`,
          code: 'conflict',
        },
      ]
    }
    const args = body.args as { metadata: Json; allow_inconsistent_metadata?: boolean }
    if (this.inconsistent.length > 0 && args.allow_inconsistent_metadata !== true) {
      return [400, { path: '$.args', error: 'cannot continue due to inconsistent metadata', code: 'unexpected' }]
    }
    this.metadata = args.metadata
    this.resourceVersion++
    return [200, { is_consistent: this.inconsistent.length === 0, inconsistent_objects: this.inconsistent }]
  }
}

/** What is not set is left out, and names are in another order: an export is not a copy of what was put in. */
function exported(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(exported)
    return items.every(item => typeof item === 'string') ? items.sort() : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== null && !(Array.isArray(item) && item.length === 0 && key !== 'columns'))
      .map(([key, item]) => [key, exported(item)]),
  )
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
