import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseApiKeys } from '../../../src/api-keys.ts'
import { readServerConfig } from '../../../src/config.ts'
import { RateLimit } from '../../../src/server/ingest/rate-limit.ts'
import { otlpJson } from '../../event/otlp-bytes.ts'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { countEvents, post, span, spanIdAt, storedEvents } from './support.ts'

const SHOP = 'k5Jd0wq81LmZx3Tb'
const READER = 'r-5Jd0wq81LmZx3Tb'
const KEYS = `# keys\nweb:ingest:shop:${SHOP}\nreader:read:*:${READER}`
const log = (changes: object = {}) => ({
  id: 'a',
  event_type: 'log',
  event_name: 'e',
  ns: 'shop',
  timestamp: '2026-11-21T10:00:00Z',
  ...changes,
})

describe('API keys', () => {
  it('are read from text, kept as hashes, and named when they are wrong', () => {
    const [web] = parseApiKeys(KEYS)
    expect(web).toMatchObject({ name: 'web', scopes: ['ingest'], namespace: 'shop' })
    expect(JSON.stringify(parseApiKeys(KEYS))).not.toContain(SHOP)
    const read = (text: string) => () => readServerConfig({ OBSERVABILITY_API_KEYS: text })
    expect(read(`web:ingest+write:shop:${SHOP}`)).toThrow(/API key "web": scopes are ingest, read/)
    expect(read('web:ingest:shop:short')).toThrow(/API key "web" is shorter than 16 characters/)
    expect(read('web:ingest:shop:short')).not.toThrow(/:short/)
    expect(read(`a:read:*:${SHOP},a:read:*:${READER}`)).toThrow(/two keys have one name/)
    expect(parseApiKeys(`h:read:*:sha256-${web?.sha256}`)[0]?.sha256).toBe(web?.sha256)
  })
})

describe('a rate limit', () => {
  it('lets ten seconds’ worth through at once, then says how long to wait', () => {
    let nowMs = 0
    const limit = new RateLimit(10, () => nowMs)
    limit.take('a', 100)
    expect(() => limit.take('a', 1)).toThrow(/more than 10 events per second; wait 1 s/)
    limit.take('b', 1)
    nowMs = 1_000
    limit.take('a', 30)
    expect(() => limit.take('a', 1)).toThrow(expect.objectContaining({ status: 429, retryAfterSeconds: 2 }))
  })
})

describe('who may send', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({
      shop: false,
      shopDbUrl: null,
      ingest: readServerConfig({ OBSERVABILITY_API_KEYS: KEYS, INGEST_ORIGINS: 'https://shop.example' }).ingest,
    })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))

  it('asks for a key that may ingest, in each place it may stand', async () => {
    const status = async (headers: Record<string, string>) =>
      (await post(server, '/api/broadcast', log(), headers)).status
    expect(await status({})).toBe(401)
    expect(await status({ authorization: 'Bearer wrong-key-0123456789' })).toBe(401)
    expect(await status({ authorization: `Bearer ${READER}` })).toBe(403)
    expect(await countEvents(server)).toBe(0)
    expect(await status({ authorization: `Bearer ${SHOP}` })).toBe(200)
    expect(await status({ 'x-api-key': SHOP })).toBe(200)
    expect(await status({ authorization: `Basic ${Buffer.from(`${SHOP}:`).toString('base64')}` })).toBe(200)
    const segment = await post(server, '/v1/track', { writeKey: SHOP, event: 'e', userId: 'u', messageId: 'm' })
    expect(segment.status).toBe(200)
    expect((await post(server, '/v1/track', { event: 'e', userId: 'u' })).status).toBe(401)
    expect(await countEvents(server)).toBe(2)
  })

  it('confines a key to its namespace', async () => {
    const key = { authorization: `Bearer ${SHOP}` }
    const answer = await post(server, '/api/broadcast', [log({ ns: 'shop.web' }), log({ id: 'b', ns: 'bank' })], key)
    expect(answer.body).toMatchObject({ accepted: 1, rejected: 1, errors: [{ index: 1, code: 'NAMESPACE_FORBIDDEN' }] })
    const alone = await post(server, '/api/broadcast', log({ ns: 'shopping' }), key)
    expect([alone.status, alone.body.code]).toEqual([403, 'NAMESPACE_FORBIDDEN'])
    // Nobody said a namespace here: it was derived from the service's name.
    await post(server, '/v1/traces', otlpJson('traces', [span(spanIdAt(0))]), key)
    expect((await storedEvents(server)).map(row => row.ns)).toEqual(['shop', 'shop.web'])
  })

  it('lets pages of named origins send, and no others', async () => {
    const from = (origin: string) =>
      post(server, '/api/broadcast', log(), { origin, authorization: `Bearer ${SHOP}`, 'content-type': 'text/plain' })
    const other = await from('https://evil.example')
    expect([other.status, other.body.code, other.headers.get('access-control-allow-origin')]).toEqual([
      403,
      'INGEST_ORIGIN_REFUSED',
      null,
    ])
    const named = await from('https://shop.example')
    expect([named.status, named.headers.get('access-control-allow-origin')]).toEqual([200, 'https://shop.example'])
    expect((await from(server.url)).status).toBe(200)
    const asked = await fetch(`${server.url}/v1/traces`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    })
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('authorization'),
    ])
  })
})

describe('a server for a network, without keys', () => {
  it('takes nothing', async () => {
    const server = await startTestServer({
      shop: false,
      shopDbUrl: null,
      host: '0.0.0.0',
      hasuraAdminSecret: 'some-long-admin-secret',
    })
    const answer = await post(server, '/api/broadcast', log())
    expect([answer.status, answer.body.code]).toEqual([401, 'INGEST_UNAUTHORIZED'])
    await server.stop()
  })
})
