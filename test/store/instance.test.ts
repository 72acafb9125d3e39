import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ObservabilityPlugin } from '../../plugin.ts'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import { listenTo, PluginManager } from '../../src/detector/detector.ts'
import { silentLogger } from '../../src/log.ts'
import type { Recorded } from '../../src/record/records.ts'
import { Instance, VERSION } from '../../src/store/instance.ts'
import { createWriteBeat } from '../../src/store/postgres-transport.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

const payload = () => ({ event: { op: 'INSERT', data: { old: null, new: {} } } })
const eventModules = [{ name: 'a', detector: () => false, handler: async () => undefined }]

describe('an instance', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())
  const instances = async () =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.instances ORDER BY started_at, id`)).rows
  const running = (id: string): Recorded => ({ table: 'invocations', row: { id, status: 'running' } }) as never

  it('registers with the plugin’s first write, ends with its shutdown, and is another one after a restart', async () => {
    const plugin = new ObservabilityPlugin({ database: { connectionString: database.url } }, { logger: silentLogger })
    const pluginManager = new PluginManager().register(plugin)
    await pluginManager.initialize()
    expect(await instances()).toEqual([])
    await listenTo(payload(), { pluginManager, eventModules })
    await plugin.shutdown()
    await plugin.initialize()
    await listenTo(payload(), { pluginManager, eventModules })
    await eventually(async () => expect(await instances()).toHaveLength(2))

    const [first, second] = await instances()
    expect(first).toMatchObject({ pid: process.pid, host: expect.any(String), version: VERSION })
    expect(first.ended_at).toBeInstanceOf(Date)
    expect(second.ended_at).toBeNull()
    const { rows } = await database.pool.query(`SELECT instance_id FROM ${SCHEMA}.invocations ORDER BY id`)
    expect(rows.map(row => row.instance_id)).toEqual([first.id, second.id])
    await pluginManager.shutdown()
  })

  it('leaves no trace when nothing was recorded', async () => {
    const plugin = new ObservabilityPlugin({ database: { connectionString: database.url } }, { logger: silentLogger })
    await plugin.initialize()
    await plugin.shutdown()
    expect(await instances()).toEqual([])
  })

  it('beats with writes, at most once in its interval', async () => {
    let nowMs = 1_000
    const instance = new Instance({
      write: createWriteBeat(() => database.pool, SCHEMA),
      logger: silentLogger,
      newId: uuidv7,
      nowMs: () => nowMs,
    })
    const write = instance.beatingWith(async () => [])
    const heartbeat = async (): Promise<number> => (await instances())[0]?.heartbeat_at.getTime()
    await write([])
    const first = await heartbeat()
    await sleep(5)
    nowMs += 9_999
    await write([])
    expect(await heartbeat()).toBe(first)
    nowMs += 1
    await write([])
    expect(await heartbeat()).toBeGreaterThan(first)
    await instance.end()
  })

  it('beats by itself while work is open, and only then', async () => {
    let isWorking = true
    const instance = new Instance({
      write: createWriteBeat(() => database.pool, SCHEMA),
      logger: silentLogger,
      newId: uuidv7,
      heartbeatMs: 20,
      isWorking: () => isWorking,
    })
    const heartbeat = async (): Promise<number> => (await instances())[0]?.heartbeat_at.getTime()
    await instance.beatingWith(async () => [])([])
    const first = await heartbeat()
    await eventually(async () => expect(await heartbeat()).toBeGreaterThan(first))
    isWorking = false
    // What was on its way arrives; then five beats are due and none comes.
    await eventually(async () => {
      const last = await heartbeat()
      await sleep(100)
      expect(await heartbeat()).toBe(last)
    })
    await instance.end()
  })

  it('keeps no row from being written when it cannot beat, and warns once', async () => {
    const warnings: string[] = []
    const instance = new Instance({
      write: createWriteBeat(() => database.pool, 'nowhere'),
      logger: { ...silentLogger, warn: (_, message) => warnings.push(message) },
      newId: uuidv7,
      heartbeatMs: 0,
    })
    const written: unknown[] = []
    const write = instance.beatingWith(async records => {
      written.push(...records)
      return []
    })
    expect(await write([running('a')])).toEqual([])
    expect(await write([running('b')])).toEqual([])
    expect(written).toHaveLength(2)
    expect(warnings).toHaveLength(1)
    await instance.end()
  })

  it('tells the version of the package', () => {
    expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
  })
})
