import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ping } from '../../src/db/ping.ts'
import { createPool } from '../../src/db/pool.ts'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { silentLogger } from '../../src/log.ts'
import { createApp } from '../../src/server/app.ts'
import { healthRoutes } from '../../src/server/routes/health.ts'
import { createLibrary, LIBRARY_METADATA, type Library } from './support/library.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
  await library.database.pool.query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$`,
  )
})
afterAll(() => library.database.drop())

describe('connections', () => {
  it('answer in UTC wherever the database lives, and keep their own time zone', async () => {
    const pool = createPool({ connectionString: library.database.url, max: 1 })
    const engine = await createGraphqlEngine({ pool, metadata: LIBRARY_METADATA })
    const ask = (query: string) => engine.execute({ query }, { role: 'admin', variables: {} })
    expect(await ask('{ article_by_pk(id: 1) { at } }')).toBe(
      '{"data":{"article_by_pk":{"at":"2024-05-06T07:08:09.123456+00:00"}}}',
    )
    expect((await pool.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }])
    await ask('{ article(where: {secret: {_eq: "x"}}) { id } }')
    expect((await pool.query('SHOW transaction_isolation')).rows).toEqual([{ transaction_isolation: 'read committed' }])
    await pool.end()
  })

  it('are given back after every error', async () => {
    const pool = createPool({ connectionString: library.database.url, max: 2 })
    const engine = await createGraphqlEngine({ pool, metadata: LIBRARY_METADATA })
    const bad = { query: '{ a: author { id } article(where: {secret: {_eq: "x"}}) { id } }' }
    await Promise.all(Array.from({ length: 20 }, () => engine.execute(bad, { role: 'admin', variables: {} })))
    expect(pool.idleCount).toBe(pool.totalCount)
    expect(pool.waitingCount).toBe(0)
    await pool.end()
  })

  it('several root fields see the same data', async () => {
    const text = await library.text(
      '{ a: author_aggregate { aggregate { count } } b: author_aggregate { aggregate { count } } }',
    )
    expect(text).toBe('{"data":{"a":{"aggregate" : {"count" : 3}},"b":{"aggregate" : {"count" : 3}}}}')
  })

  it('that are all in use are told from a database that is gone, and make nobody ill', async () => {
    const pool = createPool({ connectionString: library.database.url, max: 1, connectionTimeoutMs: 1_500 })
    const told: unknown[] = []
    const engine = await createGraphqlEngine({
      pool,
      metadata: LIBRARY_METADATA,
      onUnexpected: error => told.push(error),
    })
    const app = createApp({ logger: silentLogger, callers: { loopbackOnly: true, allowedOrigins: [] } })
    await app.register(healthRoutes, { pool, version: '1' })
    const held = await pool.connect()
    const answer = JSON.parse(await engine.execute({ query: '{ author { id } }' }, { role: 'admin', variables: {} }))
    expect(answer.errors).toEqual([
      {
        message: 'all connections to the database are in use; try again later',
        extensions: { path: '$', code: 'busy' },
      },
    ])
    expect(told).toHaveLength(1)
    const health = async () => (await app.inject('/healthz')).statusCode
    expect(await health()).toBe(200)
    held.release()
    expect(await health()).toBe(200)
    await pool.end()
    await app.close()
    const nowhere = createPool({ connectionString: 'postgresql://127.0.0.1:1/none', max: 1 })
    await expect(ping(nowhere)).rejects.toThrow('ECONNREFUSED')
    await nowhere.end()
  })
})
