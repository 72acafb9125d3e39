import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LongNumber, parseJson } from '../../src/graphql/json-text.ts'
import { eventually } from '../support/eventually.ts'
import { type Endpoint, RawClient, startEndpoint } from './support/endpoint.ts'
import { createLibrary, type Library } from './support/library.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('/v1/graphql over HTTP', () => {
  let library: Library
  let server: Endpoint
  beforeAll(async () => {
    library = await createLibrary()
    server = await startEndpoint(library.engine)
  })
  afterAll(async () => {
    await server.stop()
    await library.database.drop()
  })

  async function post(
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = JSON_TYPE,
    path = '/v1/graphql',
  ) {
    const response = await fetch(new URL(path, server.url), { method: 'POST', body, headers })
    return { status: response.status, id: response.headers.get('x-request-id'), text: await response.text() }
  }
  const BY_ID = 'query ($id: bigint!) { article_by_pk(id: $id) { id } }'
  const HUGE = '{"data":{"article_by_pk":{"id":9007199254740993}}}'

  it('reads JSON that says so, and with a token any', async () => {
    // Without a type: fetch gives text one of its own, and bytes none.
    const body = new TextEncoder().encode('{"query":"{ author_by_pk(id: 1) { id } }"}')
    const types = ['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/graphql', null]
    const answers = async (headers: Record<string, string>) =>
      Promise.all(types.map(type => post(body, { ...headers, ...(type === null ? {} : { 'content-type': type }) })))
    const texts = (await answers({})).map(({ status, text }) => `${status} ${text.slice(0, 9)}`)
    expect(texts).toEqual(['200 {"data":{', '200 {"data":{', '200 {"errors"', '200 {"errors"', '200 {"errors"'])
    const known = await answers({ authorization: 'Bearer of good news' })
    expect(new Set(known.map(({ text }) => text))).toEqual(new Set(['{"data":{"author_by_pk":{"id":1}}}']))
  })

  it('gives every answer the id of its request, or one of its own', async () => {
    const body = '{"query":"{ __typename }"}'
    expect((await post(body, { ...JSON_TYPE, 'x-request-id': 'mine-1' })).id).toBe('mine-1')
    expect((await post(body)).id).toMatch(/^[0-9a-f-]{36}$/)
    expect((await post('{', { ...JSON_TYPE, 'x-request-id': 'mine-2' })).id).toBe('mine-2')
  })

  it('keeps the digits of numbers among the variables', async () => {
    const body = (id: string) => `{"query":${JSON.stringify(BY_ID)},"variables":{"id":${id}}}`
    expect((await post(body('9007199254740993'))).text).toBe(HUGE)
    expect((await post(body('9007199254740992'))).text).toBe('{"data":{"article_by_pk":null}}')
    const rating = 'query ($r: numeric!) { article(where: {rating: {_eq: $r}}) { id } }'
    const value = '12345678901234567890.123456789'
    const found = await post(`{"query":${JSON.stringify(rating)},"variables":{"r":${value}}}`)
    expect(found.text).toBe('{"data":{"article":[{"id":9007199254740993}]}}')
    const client = await new RawClient(server.socketUrl).init()
    const payload = `{"query":${JSON.stringify(BY_ID)},"variables":{"id":9007199254740993}}`
    const answered = once(client.socket, 'message')
    client.send(`{"type":"subscribe","id":"1","payload":${payload}}`)
    expect(String((await answered)[0])).toContain(HUGE)
    client.close()
  })

  it('keeps them in JSON too, with any keys', async () => {
    const query = `mutation ($v: jsonb!) {
      update_article_by_pk(pk_columns: {id: 1}, _set: {meta: $v}) { meta } }`
    const value = '{"n": 1e400, "list": [0.12345678901234567890], "__proto__": {"a": 1}, "constructor": null}'
    const { text } = await post(`{"query":${JSON.stringify(query)},"variables":{"v":${value}}}`)
    expect(text).toContain('"list": [0.12345678901234567890]')
    expect(text).toContain('"__proto__": {"a": 1}')
    expect(text).toContain(`"n": 1${'0'.repeat(400)}`)
  })

  it.each([
    ['{ article(where: {id: {_eq: 1.5}}) { id } }', 'Int64', '1.5'],
    ['{ article(where: {id: {_eq: 9223372036854775808}}) { id } }', 'Int64', '9.223372036854776e18'],
    ['{ author(where: {age: {_eq: 32768}}) { id } }', 'Int16', '32768.0'],
    ['{ author(where: {age: {_eq: 1e99}}) { id } }', 'Int16', '1.0e99'],
  ])('refuses %s', async (document, reader, shown) => {
    const { message, extensions } = await library.errors(document)
    expect(message).toBe(`parsing ${reader} failed, value is either floating or will cause over or underflow ${shown}`)
    expect(extensions.code).toBe('parse-failed')
    expect(extensions.path).toMatch(/\._eq$/)
  })

  it('takes whole numbers however they are written', async () => {
    const document = '{ article(where: {id: {_in: [1.0, 2e0, -9223372036854775808]}}, order_by: {id: asc}) { id } }'
    expect(await library.data(document)).toEqual({ article: [{ id: 1 }, { id: 2 }] })
  })

  it('has the older address, whose errors have an HTTP status of their own', async () => {
    const path = '/v1alpha1/graphql'
    const found = await post('{"query":"{ author_by_pk(id: 1) { id } }"}', JSON_TYPE, path)
    expect([found.status, found.text]).toEqual([200, '{"data":{"author_by_pk":{"id":1}}}'])
    const wrong = await post('{"query":"{ nothing }"}', JSON_TYPE, path)
    const message = "field 'nothing' not found in type: 'query_root'"
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.text)).toEqual({
      errors: [{ message, extensions: { path: '$.selectionSet.nothing', code: 'validation-failed' } }],
    })
    expect((await post('{', JSON_TYPE, path)).status).toBe(400)
    const batch = await post('[{"query":"{ __typename }"},{"query":"{"}]', JSON_TYPE, path)
    expect([batch.status, JSON.parse(batch.text)]).toMatchObject([200, [{ data: {} }, { errors: [{}] }]])
  })

  describe('when the client goes away', () => {
    const running = async () => {
      const { rows } = await library.database.pool.query<{ count: number }>(
        `SELECT count(*)::integer FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query ~ 'published|UPDATE'`,
      )
      return rows[0]?.count
    }
    const until = (count: number) => eventually(async () => expect(await running()).toBe(count))
    const SLOW = '{ lib_published { id } }'
    beforeAll(async () => {
      await library.database.pool.query(
        `CREATE OR REPLACE VIEW lib.published AS SELECT id, author_id, title FROM article, pg_sleep(60) WHERE published;
         CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN new; END $$;
         CREATE TRIGGER slowly BEFORE UPDATE ON author FOR EACH ROW EXECUTE FUNCTION slowly()`,
      )
    })

    it.each([
      ['a query', JSON.stringify({ query: SLOW })],
      ['a batch', JSON.stringify([{ query: '{ __typename }' }, { query: SLOW }, { query: SLOW }])],
      ['several root fields', JSON.stringify({ query: `{ a: lib_published { id } b: lib_published { title } }` })],
    ])('Postgres stops working for %s', async (_, body) => {
      const gone = new AbortController()
      const options = { method: 'POST', body, headers: JSON_TYPE, signal: gone.signal }
      const answer = fetch(server.url, options).catch(() => 'gone')
      await until(1)
      gone.abort()
      expect(await answer).toBe('gone')
      await until(0)
      expect(await library.data('{ author_by_pk(id: 1) { id } }')).toEqual({ author_by_pk: { id: 1 } })
    })

    it('so it does for an operation of a socket that ends, or a socket that closes', async () => {
      for (const leave of ['complete', 'close'] as const) {
        const client = await new RawClient(server.socketUrl).init()
        client.subscribe('1', SLOW)
        await until(1)
        if (leave === 'complete') client.send({ type: 'complete', id: '1' })
        else client.close()
        await until(0)
        client.close()
      }
    })

    it('but a mutation that has begun is done', async () => {
      const gone = new AbortController()
      const query = 'mutation { update_author_by_pk(pk_columns: {id: 3}, _set: {mail: "cy@new"}) { id } }'
      const options = { method: 'POST', body: JSON.stringify({ query }), headers: JSON_TYPE, signal: gone.signal }
      const answer = fetch(server.url, options).catch(() => 'gone')
      await until(1)
      gone.abort()
      expect(await answer).toBe('gone')
      await eventually(async () =>
        expect(await library.data('{ author_by_pk(id: 3) { mail } }')).toEqual({ author_by_pk: { mail: 'cy@new' } }),
      )
    })
  })
})

describe('JSON of clients', () => {
  it.each([
    '0',
    '-1',
    '1.5',
    '123456789012345',
    '1e5',
    '0.1',
    '-0',
    '1.10',
    '9007199254740991',
    '100000000000000000000',
  ])('has %s as a number', text => expect(parseJson(`[${text}]`)).toEqual([Number(text)]))

  it.each(['9007199254740993', '1e400', '-1E+400', '0.1000000000000000000001', '123456789.123456789', '1e-999'])(
    'has %s as it is written',
    text => expect(parseJson(`{"a":[${text}],"b":"${text}"}`)).toEqual({ a: [new LongNumber(text)], b: text }),
  )

  it('knows numbers from what stands in strings, and what is JSON from what is not', () => {
    const odd = { 'a"9007199254740993': '\\', b: '\\"9007199254740993,', c: '9007199254740993\\' }
    expect(parseJson(JSON.stringify([odd, 1]).replace(/1\]$/, '9007199254740993]'))).toEqual([
      odd,
      new LongNumber('9007199254740993'),
    ])
    for (const text of ['{9007199254740993:1}', '[9007199254740993', '09007199254740993', '"9007199254740993']) {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    }
  })
})
