import { readable } from '../../event/support.ts'
import { SCHEMA } from '../../support/postgres.ts'
import type { TestServer } from '../../support/server.ts'

export const TRACE = '0af7651916cd43dd8448eb211c80319c'

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at differs with each.
  body: any
  headers: Headers
}

/** Posts to the server; objects go as JSON. */
export async function post(
  server: { url: string },
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(server.url + path, {
    method: 'POST',
    body: raw ? (body as string) : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, body: isJson ? JSON.parse(bytes.toString()) : bytes, headers: response.headers }
}

/** Every stored event, in the order of time and id, without the columns that the server adds to all. */
export async function storedEvents(server: TestServer, where = 'true'): Promise<Record<string, unknown>[]> {
  const { rows } = await server.observability.pool.query(
    `SELECT to_jsonb(e) - ARRAY['day','hour','ingested_at','schema_version'] AS row FROM ${SCHEMA}.events e WHERE ${where}
     ORDER BY timestamp, id`,
  )
  return rows.map(({ row }) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
}

export async function countEvents(server: TestServer): Promise<number> {
  const { rows } = await server.observability.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.events`)
  return rows[0].n
}

export const span = (spanId: string, changes: Record<string, unknown> = {}) => ({
  resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
  scope: { name: 'test' },
  item: {
    traceId: TRACE,
    spanId,
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: '1795252800123456789',
    endTimeUnixNano: '1795252800165456789',
    attributes: [{ key: 'http.response.status_code', value: { intValue: '200' } }],
    ...changes,
  },
})

export const spanIdAt = (n: number): string => (n + 1).toString(16).padStart(16, '0')
export { readable }
