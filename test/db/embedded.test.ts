import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../src/db/embedded/cluster-files.ts'
import { serverSettings } from '../../src/db/embedded/server-settings.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { silentLogger } from '../../src/log.ts'
import { eventually } from '../support/eventually.ts'

const settings = { fsync: 'off' }

describe('embedded Postgres', () => {
  let home: string
  let dataDir: string
  const running: EmbeddedPostgres[] = []
  const start = async (directory = dataDir): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir: directory, logger: silentLogger, settings })
    running.push(server)
    return server
  }
  const query = async (server: EmbeddedPostgres, sql: string, values: unknown[] = []): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: server.connectionString('postgres') })
    await client.connect()
    try {
      return (await client.query(sql, values)).rows
    } finally {
      await client.end()
    }
  }

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'embedded-'))
    await chmod(home, 0o755)
    dataDir = path.join(home, '.data')
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map(server => server.stop()))
    // Out of the system user's reach the cluster lies elsewhere, behind a link.
    const cluster = await realpath(path.join(dataDir, 'postgres')).catch(() => null)
    if (cluster) await rm(cluster, { recursive: true, force: true })
    await rm(home, { recursive: true, force: true })
  })

  it('keeps its data and its port over a restart, and leaves no process when stopped', async () => {
    const first = await start()
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const { pid, port } = first
    await first.stop()
    expect(isAlive(pid as number)).toBe(false)

    const second = await start()
    expect(second.port).toBe(port)
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    const buffers = "SELECT pg_size_bytes(current_setting('shared_buffers')) = pg_size_bytes($1) AS ours"
    expect(await query(second, buffers, [serverSettings().shared_buffers])).toEqual([{ ours: true }])
    expect(await query(second, 'SHOW fsync')).toEqual([{ fsync: 'off' }])
  })

  it.each([
    [1, '128MB'],
    [4, '256MB'],
    [64, '1024MB'],
  ])('gives the server of a machine with %i GiB of memory %s', (gibibytes, expected) => {
    expect(serverSettings(gibibytes * 2 ** 30).shared_buffers).toBe(expected)
  })

  it('takes another port when that of last time is in use', async () => {
    const first = await start()
    await first.stop()
    const squatter = createServer().listen(first.port, '127.0.0.1')
    await new Promise(resolve => squatter.once('listening', resolve))
    const second = await start()
    expect(second.port).not.toBe(first.port)
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    squatter.close()
  })

  it('stops a server that a killed program left behind, and starts on its data', async () => {
    const first = await start()
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS x')
    // Not stopped: as far as the second start can tell, the first program is gone.
    const second = await start()
    expect(second.pid).not.toBe(first.pid)
    expect(await query(second, 'SELECT x FROM kept')).toEqual([{ x: 1 }])
    running.splice(running.indexOf(first), 1)
    await Promise.all([first.stop(), second.stop()])
  })

  it('starts although a stale pid file names a process that is alive but no Postgres', async () => {
    const first = await start()
    await first.stop()
    const file = path.join(dataDir, 'postgres', 'postmaster.pid')
    await writeFile(file, `${process.pid}\n/nowhere\n0\n5432\n\n127.0.0.1\n0\n`)
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('recovers after the server itself was killed, by itself', async () => {
    const server = await start()
    await query(server, 'CREATE TABLE kept AS SELECT 7 AS x')
    const before = server.pid as number
    process.kill(before, 'SIGKILL')
    for (let tries = 0; ; tries++) {
      await sleep(100)
      const rows = await query(server, 'SELECT x FROM kept').catch(() => null)
      if (rows) {
        expect(rows).toEqual([{ x: 7 }])
        break
      }
      expect(tries).toBeLessThan(200)
    }
    // It may answer a moment before it is known to be ready.
    await eventually(() => expect(server.pid).not.toBe(before))
  })

  it('survives a crash in the middle of making the cluster', async () => {
    await mkdir(path.join(dataDir, 'postgres.new-abcdef'), { recursive: true })
    await mkdir(path.join(dataDir, 'postgres', 'base'), { recursive: true })
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('works in a folder that only its owner may enter', async () => {
    // As root, Postgres runs as another user, which cannot enter such a folder.
    await chmod(home, 0o700)
    const server = await start()
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.stop()
    expect(await query(await start(), 'SELECT 2 AS two')).toEqual([{ two: 2 }])
  })

  it('keeps the password to itself', async () => {
    const server = await start()
    const mode = (await import('node:fs')).statSync(path.join(dataDir, 'postgres.password')).mode
    expect(mode & 0o077).toBe(0)
    const wrong = new URL(server.connectionString('postgres'))
    wrong.password = 'guess'
    const client = new pg.Client({ connectionString: wrong.href })
    await expect(client.connect()).rejects.toThrow(/password authentication failed/)
  })

  it('says what the server said when it cannot start', async () => {
    const attempt = startEmbeddedPostgres({ dataDir, logger: silentLogger, settings: { shared_buffers: 'nonsense' } })
    await expect(attempt).rejects.toMatchObject({
      code: 'EMBEDDED_POSTGRES_FAILED',
      message: expect.stringContaining('shared_buffers'),
    })
    expect(await readFile(path.join(dataDir, 'postgres.log'), 'utf8')).toContain('nonsense')
  })
})
