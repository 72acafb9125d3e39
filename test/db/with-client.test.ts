import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

describe('a lent connection', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
  })
  afterAll(() => database.drop())

  it('may die between two statements: the next one fails, the process lives, the pool recovers', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    await expect(
      withClient(pool, async client => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
        await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
        // Time for the loss to be noticed while no statement runs.
        await new Promise(resolve => setTimeout(resolve, 100))
        await client.query('SELECT 1')
      }),
    ).rejects.toThrow()
    expect(await withClient(pool, async client => (await client.query('SELECT 2 AS two')).rows)).toEqual([{ two: 2 }])
    await pool.end()
  })

  it('may die in the moment it is lent: whoever asked is told, and the process lives', async () => {
    const fatal = Buffer.from('E\0\0\0\0SFATAL\0C57P01\0Mterminating connection\0\0')
    fatal.writeInt32BE(fatal.length - 1, 1)
    const { port, hostname } = new URL(database.url)
    // In one piece with the word that it is ready, so that no code of ours runs in between.
    const server = createServer(client => {
      const upstream = connect(Number(port), hostname)
      client.on('data', data => upstream.write(data)).on('error', () => {})
      client.on('close', () => upstream.destroy())
      upstream.on('data', data => {
        const isReady = data.includes(Buffer.from('Z\0\0\0\x05I'))
        client.write(isReady ? Buffer.concat([data, fatal]) : data)
        if (isReady) client.end()
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` })
    const pool = createPool({ connectionString: url.href, max: 1 })
    await expect(withClient(pool, client => client.query('SELECT 1'))).rejects.toThrow()
    await expect(pool.query('SELECT 1')).rejects.toThrow()
    await pool.end()
    await new Promise(resolve => server.close(resolve))
  })

  it('is closed rather than reused after a failure', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    const pid = () =>
      withClient(pool, async client => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid)
    const before = await pid()
    expect(await pid()).toBe(before)
    await expect(
      withClient(pool, async client => {
        await client.query('BEGIN')
        await client.query('SELECT 1/0')
      }),
    ).rejects.toThrow('division by zero')
    expect(await pid()).not.toBe(before)
    await pool.end()
  })
})
