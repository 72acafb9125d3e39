import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Endpoint, RawClient, startEndpoint } from '../support/endpoint.ts'
import { createLibrary, type Library } from '../support/library.ts'

const INTERVAL = { refetchIntervalMs: 50, batchSize: 100 }
let library: Library
let endpoint: Endpoint
const clients: RawClient[] = []

beforeAll(async () => {
  library = await createLibrary({ subscriptions: { live: INTERVAL, streaming: INTERVAL } })
  endpoint = await startEndpoint(library.engine)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await library.database.pool.query('DELETE FROM article WHERE id BETWEEN 100 AND 999')
})
afterAll(async () => {
  await endpoint.stop()
  await library.database.drop()
})

async function connect(headers?: Record<string, string>): Promise<RawClient> {
  const client = await new RawClient(endpoint.socketUrl).init(headers ? { headers } : undefined)
  clients.push(client)
  return client
}

const insert = (ids: number[], at = 'now()') =>
  library.database.pool.query(
    `INSERT INTO article (id, author_id, title, published, at) SELECT id, 1, 'n' || id, true, ${at} FROM unnest($1::int[]) AS id`,
    [ids],
  )
const STREAM = `subscription ($from: bigint!, $size: Int!) {
  article_stream(cursor: {initial_value: {id: $from}}, batch_size: $size, where: {id: {_lt: 1000}}) { id title author { name } }
}`
const ids = (message: { payload: { data: { article_stream: { id: number }[] } } }) =>
  message.payload.data.article_stream.map(row => row.id)

describe('a stream', () => {
  it('sends what comes after its cursor in batches, and never an empty one', async () => {
    const client = await connect()
    await insert([101, 102, 103, 104, 105])
    client.subscribe('1', STREAM, { from: 100, size: 2 })
    expect((await client.next()).payload).toEqual({
      data: {
        article_stream: [
          { id: 101, title: 'n101', author: { name: 'Ann' } },
          { id: 102, title: 'n102', author: { name: 'Ann' } },
        ],
      },
    })
    expect(ids(await client.next())).toEqual([103, 104])
    expect(ids(await client.next())).toEqual([105])
    await pause(200)
    expect(client.unread).toEqual([])
    await insert([106])
    expect(ids(await client.next())).toEqual([106])
  })

  it('begins for each subscriber where it says, by one statement', async () => {
    const [one, two] = [await connect(), await connect()]
    await insert([101, 102, 103])
    one.subscribe('1', STREAM, { from: 100, size: 10 })
    expect(ids(await one.next())).toEqual([101, 102, 103])
    two.subscribe('1', STREAM, { from: 101, size: 10 })
    expect(ids(await two.next())).toEqual([102, 103])
    expect(library.engine.subscriptions.groups).toBe(1)
    await insert([104])
    expect(ids(await one.next())).toEqual([104])
    expect(ids(await two.next())).toEqual([104])
    await pause(200)
    expect([...one.unread, ...two.unread]).toEqual([])
  })

  it('sends rows of one moment together, though the batch is full, and loses no microsecond', async () => {
    const client = await connect()
    await insert([101, 102, 103], `'2031-01-01 00:00:00.123456+00'`)
    await insert([104], `'2031-01-01 00:00:00.123457+00'`)
    client.subscribe(
      '1',
      `subscription { article_stream(cursor: [{initial_value: {at: "2031-01-01 00:00:00"}, ordering: ASC}], batch_size: 2) { id } }`,
    )
    expect(ids(await client.next()).sort()).toEqual([101, 102, 103])
    expect(ids(await client.next())).toEqual([104])
  })

  it('goes backwards too', async () => {
    const client = await connect()
    client.subscribe(
      '1',
      'subscription { article_stream(cursor: {initial_value: {id: 3}, ordering: DESC}, batch_size: 1) { id } }',
    )
    expect(ids(await client.next())).toEqual([2])
    expect(ids(await client.next())).toEqual([1])
  })

  it('shows a role only its rows and columns, and no more at a time than its limit', async () => {
    const query = (columns: string) =>
      `subscription { article_stream(cursor: {initial_value: {id: 0}}, batch_size: 10) { ${columns} } }`
    const user = await connect({ 'x-hasura-role': 'user', 'x-hasura-user-id': '2' })
    user.subscribe('1', query('title'))
    expect((await user.next()).payload.data.article_stream).toEqual([
      { title: 'Alpha' },
      { title: 'Gamma' },
      { title: 'Huge' },
    ])
    user.subscribe('2', query('secret'))
    expect((await user.next()).payload[0].message).toBe("field 'secret' not found in type: 'article'")
    const limited = await connect({ 'x-hasura-role': 'limited' })
    limited.subscribe('1', query('title'))
    expect((await limited.next()).payload.data.article_stream).toEqual([{ title: 'Alpha' }, { title: 'Beta_x' }])
    expect((await limited.next()).payload.data.article_stream).toEqual([{ title: 'Gamma' }, { title: 'Huge' }])
  })

  const path = '$.selectionSet.article_stream.args.cursor'
  it.each([
    ['cursor: [], batch_size: 1', 'one streaming column field is expected', path],
    [
      'cursor: {initial_value: {}}, batch_size: 1',
      'one streaming column field is expected',
      `${path}[0].initial_value`,
    ],
    [
      'cursor: {initial_value: {id: 1, title: "a"}}, batch_size: 1',
      'multiple column cursors are not supported yet',
      `${path}[0].initial_value`,
    ],
    [
      'cursor: [{initial_value: {id: 1}}, {initial_value: {id: 2}}], batch_size: 1',
      'multiple column cursors are not supported yet',
      path,
    ],
    [
      'cursor: {initial_value: {id: 1}}, batch_size: -1',
      "expected a non-negative 32-bit integer for type 'Int', but found an integer",
      '$.selectionSet.article_stream.args.batch_size',
    ],
    [
      'cursor: {initial_value: {id: 1}}',
      "missing required field 'batch_size'",
      '$.selectionSet.article_stream.args.batch_size',
    ],
  ])('is refused with %s', async (args, message, at) => {
    const client = await connect()
    client.subscribe('1', `subscription { article_stream(${args}) { id } }`)
    const { type, payload } = await client.next()
    expect({ type, payload }).toEqual({
      type: 'error',
      payload: [{ message, extensions: { path: at, code: 'validation-failed' } }],
    })
  })

  it('is in the schema as Hasura has it', async () => {
    const data = await library.data(`{
      __schema { subscriptionType { name fields { name args { name type { kind name ofType { kind name ofType { name } } } } } } }
      value: __type(name: "author_stream_cursor_value_input") { inputFields { name type { name } } }
      input: __type(name: "author_stream_cursor_input") { inputFields { name type { kind name ofType { name } } } }
      ordering: __type(name: "cursor_ordering") { enumValues { name } }
    }`)
    const { name, fields } = data.__schema.subscriptionType
    expect(name).toBe('subscription_root')
    const stream = fields.find((field: { name: string }) => field.name === 'author_stream')
    expect(stream.args).toEqual([
      {
        name: 'batch_size',
        type: { kind: 'NON_NULL', name: null, ofType: { kind: 'SCALAR', name: 'Int', ofType: null } },
      },
      {
        name: 'cursor',
        type: {
          kind: 'NON_NULL',
          name: null,
          ofType: { kind: 'LIST', name: null, ofType: { name: 'author_stream_cursor_input' } },
        },
      },
      { name: 'where', type: { kind: 'INPUT_OBJECT', name: 'author_bool_exp', ofType: null } },
    ])
    expect(data.value.inputFields.map((field: { name: string }) => field.name)).toContain('born')
    expect(data.input.inputFields).toEqual([
      {
        name: 'initial_value',
        type: { kind: 'NON_NULL', name: null, ofType: { name: 'author_stream_cursor_value_input' } },
      },
      { name: 'ordering', type: { kind: 'ENUM', name: 'cursor_ordering', ofType: null } },
    ])
    expect(data.ordering.enumValues).toEqual([{ name: 'ASC' }, { name: 'DESC' }])
  })
})
