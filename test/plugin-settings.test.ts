import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { PluginOptions } from '../plugin.ts'
import { migrateUp } from '../src/db/migrate.ts'
import { silentLogger } from '../src/log.ts'
import {
  type Any,
  DETECTORS,
  type Detector,
  type DetectorSettings,
  fires,
  orderPlaced,
  silent,
} from './support/detectors.ts'
import { eventually } from './support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from './support/postgres.ts'

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const SOURCE_JOB = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const HOUR = 3_600_000

describe.each(DETECTORS)('the plugin in %s', (_name, create) => {
  let database: TestDatabase
  let detector: Detector

  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    vi.useRealTimers()
    await detector.shutdown()
    vi.restoreAllMocks()
    await database.drop()
  })

  const start = (options: PluginOptions = {}, settings: DetectorSettings = {}): void => {
    detector = create(database.url, { options, ...settings })
  }
  const query = async (sql: string): Promise<Any[]> =>
    (await database.pool.query(sql.replaceAll('obs.', `${SCHEMA}.`))).rows
  const rows = async (table: string): Promise<Any[]> => {
    await detector.plugin.shutdown()
    await detector.plugin.initialize()
    return query(`SELECT * FROM obs.${table} ORDER BY created_at, id`)
  }
  const runs = (...jobs: Any[]): Any => fires((event: string, payload: Any) => detector.run(event, payload, jobs))

  it('stores options of jobs, payloads and stacks only as far as it is told to', async () => {
    start({ captureJobOptions: false, captureHasuraPayload: false, captureErrorStacks: false })
    const breaks = (): never => {
      throw new Error('broke')
    }
    const handlerBreaks = fires(() => breaks(), 'orders.unhandled')
    const detectorBreaks = { name: 'orders.broken', detector: breaks, handler: () => undefined }
    const eventModules = [runs(detector.job(breaks, { jobName: 'breaks', amount: 7 })), handlerBreaks, detectorBreaks]
    await detector.listenTo(orderPlaced(), { eventModules })
    const [invocation] = await rows('invocations')
    expect(invocation).toMatchObject({ source_event_payload: null, source_record_id: '42', error_stack: null })
    const [job] = await rows('job_executions')
    expect(job).toMatchObject({ job_options: null, error_message: 'broke', error_stack: null, status: 'failed' })
    const events = await rows('event_executions')
    expect(events.map(row => [row.event_name, row.status]).sort()).toEqual([
      ['orders.broken', 'detection_failed'],
      ['orders.placed', 'failed'],
      ['orders.unhandled', 'handler_failed'],
    ])
    expect(events.map(row => [row.handler_error_stack, row.detection_error_stack])).toEqual(Array(3).fill([null, null]))
  })

  it('writes to the schema and the place that it is told, with TLS where that is asked for', async () => {
    await database.pool.query(`DROP SCHEMA ${SCHEMA} CASCADE`)
    await migrateUp({ pool: database.pool, directory: 'model/migrations', schema: 'elsewhere' })
    const { hostname, port, pathname, username, password } = new URL(database.url)
    const parts = {
      host: hostname,
      port: Number(port),
      database: pathname.slice(1),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    }
    start({ schema: 'elsewhere', database: parts })
    const eventModules = [runs(detector.job(() => console.log('a line'), { jobName: 'j' })), silent('a')]
    await detector.listenTo(orderPlaced(), { eventModules })
    await detector.plugin.shutdown()
    const count = (table: string): string => `SELECT count(*)::int AS n FROM elsewhere.${table}`
    for (const [table, n] of Object.entries({ invocations: 1, event_executions: 2, job_executions: 1, events: 2 })) {
      expect(await query(count(table)), table).toEqual([{ n }])
    }
    await detector.shutdown()

    // This Postgres has no TLS, so it is not asked in plain.
    start({ schema: 'elsewhere', database: { ...parts, ssl: { rejectUnauthorized: false } } })
    await detector.listenTo(orderPlaced(), { eventModules })
    await eventually(() => expect(detector.plugin.getStatus().lastError).toMatch(/SSL/))
    expect(detector.plugin.getStatus()).toMatchObject({ written: 0, dropped: { bufferFull: 0, refused: 0 } })
  })

  it('keeps no invocation waiting for the database in a long-lived server', async () => {
    start()
    const eventModules = [silent('a')]
    await detector.listenTo(orderPlaced(), { eventModules })
    await rows('invocations')
    const { written } = detector.plugin.getStatus()
    // Nothing can be written while somebody holds the table.
    const holder = await database.pool.connect()
    let release = async (): Promise<void> => {
      release = async () => {}
      await holder.query('ROLLBACK')
      holder.release()
    }
    onTestFinished(() => release())
    await holder.query(`BEGIN; LOCK ${SCHEMA}.invocations`)
    await detector.listenTo(orderPlaced(), { eventModules })
    // flush() would wait for the write that is on its way, up to 5 s, if it waited.
    const { lag } = detector.plugin.getStatus()
    expect(lag).toBeLessThan(4_000)
    expect(detector.plugin.getStatus()).toMatchObject({ durability: 'interval', written, bufferedRows: 2 })
    await release()
    expect(await rows('invocations')).toHaveLength(2)
  })

  it('tells of a line of output its level, time, order, and where it belongs', async () => {
    start()
    const began = Date.now()
    const talks = detector.job(
      async () => {
        console.debug('first')
        await new Promise(resolve => setTimeout(resolve, 20))
        console.error('second %s', 'line')
      },
      { jobName: 'talks' },
    )
    await detector.listenTo(orderPlaced(), { eventModules: [runs(talks)] })
    const [job] = await rows('job_executions')
    const lines = await query(`SELECT * FROM obs.events WHERE event_type = 'log' ORDER BY id`)
    expect(lines).toMatchObject([
      { log_level: 'debug', log_level_num: 5, log_message: 'first' },
      { log_level: 'error', log_level_num: 17, log_message: 'second line' },
    ])
    const [first, second] = lines.map(line => line.timestamp.getTime())
    // The clock of the recorder, the wall's and the timers' differ by a millisecond or two.
    expect(first).toBeGreaterThanOrEqual(began - 2)
    expect(second - first).toBeGreaterThanOrEqual(15)
    expect(second).toBeLessThanOrEqual(Date.now() + 2)
    const place = { correlation_id: job.correlation_id, trace_id: job.trace_id, span_id: job.span_id }
    for (const line of lines) {
      expect(line).toMatchObject({ ...place, log_logger: 'talks', event_source: 'console', service_name: 'orders' })
    }
  })

  it('stores ten million characters as their beginning, wherever they come from', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    start()
    const long = 'ab cd 4242 '.repeat(1_000_000)
    const talks = detector.job(
      () => {
        console.log(long)
        console.log({ list: [long] })
        throw new Error(long, { cause: new Error(long) })
      },
      { jobName: 'talks', note: long },
    )
    const returns = detector.job(() => ({ long, list: [long] }), { jobName: 'returns' })
    const placed = orderPlaced({ event: { ...orderPlaced().event, data: { old: null, new: { id: 1, text: long } } } })
    await detector.listenTo(placed, { eventModules: [runs(talks, returns)] })
    const jobs = await rows('job_executions')
    const [invocation] = await query('SELECT source_event_payload AS payload FROM obs.invocations')
    const lines = await query(`SELECT log_message FROM obs.events WHERE event_source = 'console' ORDER BY id`)
    const [thrown, returned] = ['talks', 'returns'].map(name => jobs.find(row => row.job_name === name))
    const texts = [
      thrown.error_message,
      thrown.error_stack,
      thrown.job_options.note,
      returned.result.long,
      returned.result.list[0],
      invocation.payload.event.data.new.text,
      ...lines.map(line => line.log_message),
    ]
    expect(texts.length).toBeGreaterThanOrEqual(8)
    for (const text of texts) {
      expect(text.length).toBeLessThan(70_000)
      expect(text.slice(0, 100)).toContain('ab cd 4242 ab cd')
      // The second is how the console itself cuts what is within an object.
      expect(text.slice(-100)).toMatch(/… \[cut: \d{8} characters\]$|\.\.\. \d{8} more characters/)
    }
    expect(detector.plugin.getStatus()).toMatchObject({ quarantined: 0, hookErrors: 0, bufferedRows: 0 })
  })

  it('shows no secret in its status, its own picture, or what it logs', async () => {
    const logged: unknown[] = []
    const hear = (...told: unknown[]): void => void logged.push(told)
    detector = create('postgresql://recorder:hush-1@127.0.0.1:1/obs', {
      options: {
        otlp: { endpoint: 'http://127.0.0.1:1', headers: { authorization: 'hush-2' } },
        graphql: { endpoint: 'http://127.0.0.1:1', adminSecret: 'hush-3', headers: { 'x-key': 'hush-4' } },
      },
      logger: { ...silentLogger, info: hear, warn: hear, error: hear },
    })
    const { plugin } = detector
    await detector.listenTo(orderPlaced(), { eventModules: [silent('a')] })
    await eventually(() => {
      expect(plugin.getStatus()).toMatchObject({ lastError: expect.any(String), lag: expect.any(Number) })
      expect(plugin.getStatus().otlp?.lastError).not.toBeNull()
    })
    await plugin.shutdown()
    const status = plugin.getStatus()
    expect(Object.keys(status)).toEqual(
      expect.arrayContaining([
        ...['recorded', 'written', 'retried', 'quarantined', 'dropped', 'bufferedRows', 'bufferedBytes'],
        ...['lastFlushAt', 'lag', 'lastError', 'state'],
      ]),
    )
    expect(status).toMatchObject({ recorded: expect.any(Number), bufferedRows: 2, written: 0 })
    expect(status.bufferedBytes).toBeGreaterThan(500)
    expect(status.retried).toBeGreaterThan(0)
    expect(logged.length).toBeGreaterThan(0)
    for (const shown of [status, plugin, logged]) {
      expect(JSON.stringify(shown) + inspect(shown, { depth: 12, showHidden: true })).not.toMatch(/hush|recorder/)
    }
  })

  it('puts no secret on disk, neither of what runs nor of what has ended', async () => {
    const journalDir = await mkdtemp(path.join(tmpdir(), 'secrets-test-'))
    detector = create('postgresql://127.0.0.1:1/obs', { options: { journalDir } })
    let finish = (): void => {}
    const finished = new Promise<void>(resolve => {
      finish = resolve
    })
    const placed = (): Any =>
      orderPlaced({ event: { ...orderPlaced().event, data: { new: { id: 1, password: 'hush-1', note: 'shown' } } } })
    const job = (wait: Promise<void>): Any =>
      detector.job(
        async () => {
          console.log('using', { apiKey: 'hush-2' })
          await wait
          throw Object.assign(new Error('not with token=hush-3'), { secret: 'hush-4' })
        },
        { jobName: 'j', authorization: 'hush-5' },
      )
    const context = { credentials: { pin: 'hush-6' } }
    await detector.listenTo(placed(), { context, eventModules: [runs(job(Promise.resolve())), silent('a')] })
    const running = detector.listenTo(placed(), { context, eventModules: [runs(job(finished)), silent('a')] })
    const onDisk = async (): Promise<string> => {
      const names = (await readdir(journalDir, { recursive: true })).filter(name => name.endsWith('.journal'))
      return (await Promise.all(names.map(name => readFile(path.join(journalDir, name), 'latin1')))).join('\n')
    }
    await eventually(async () => {
      const text = await onDisk()
      for (const known of ['"status":"running"', 'not with token=', 'shown']) expect(text).toContain(known)
    })
    finish()
    await running
    await detector.shutdown()
    const text = await onDisk()
    expect(text.match(/\[Redacted\]/g)?.length).toBeGreaterThan(8)
    expect(text).not.toMatch(/hush/)
    await rm(journalDir, { recursive: true })
  })

  it.each([true, false])('works beside the host’s own extraction plugin, asked before ours: %s', async first => {
    // It understands tokens that ours does not, and says so as the original does.
    const make = (Base: Any): object =>
      new (class ExtractionPlugin extends Base {
        async onPreConfigure(payload: Any): Promise<object | undefined> {
          const match = /^(\w+)~(.+)~(.+)$/.exec(payload.event.data.new.changed_by ?? '')
          if (!match) return undefined
          payload.__sourceJobId = match[3]
          return { correlationId: match[2], sourceTrackingToken: `${match[1]}|${match[2]}|${match[3]}` }
        }
      })()
    start({}, { other: { make, first } })
    const placed = (row: object): Any =>
      orderPlaced({ event: { ...orderPlaced().event, data: { old: null, new: row } } })
    const eventModules = [silent('a')]
    await detector.listenTo(placed({ id: 1, changed_by: `billing~${CORRELATION}~${SOURCE_JOB}` }), { eventModules })
    await detector.listenTo(placed({ id: 2, updated_by: `shop|${CORRELATION}|${SOURCE_JOB}` }), { eventModules })
    await detector.listenTo(placed({ id: 3 }), { eventModules })
    const found = await rows('invocations')
    expect(found.map(row => [row.source_record_id, row.correlation_source, row.source_job_id])).toEqual([
      ['1', 'host_plugin', SOURCE_JOB],
      ['2', 'updated_by', SOURCE_JOB],
      ['3', 'generated', null],
    ])
    expect(found.map(row => row.correlation_id === CORRELATION)).toEqual([true, true, false])
  })

  it('records work during which the clock is set back, and after it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const noon = Date.now()
    start()
    let finish = (): void => {}
    const finished = new Promise<void>(resolve => {
      finish = resolve
    })
    const slow = detector.job(
      async () => {
        vi.setSystemTime(noon - HOUR)
        console.log('an hour ago')
        await finished
      },
      { jobName: 'slow' },
    )
    const running = detector.listenTo(orderPlaced(), { eventModules: [runs(slow), silent('a')] })
    await eventually(async () => {
      expect(await query('SELECT status FROM obs.job_executions')).toEqual([{ status: 'running' }])
      expect(await query(`SELECT status FROM obs.event_executions WHERE detected`)).toEqual([{ status: 'handling' }])
    })
    finish()
    await running
    const quick = detector.job(() => vi.setSystemTime(noon - 2 * HOUR), { jobName: 'quick' })
    await detector.listenTo(orderPlaced(), { eventModules: [runs(quick), silent('a')] })
    for (const table of ['invocations', 'event_executions', 'job_executions']) {
      const found = await rows(table)
      expect(found.length).toBe({ invocations: 2, event_executions: 4, job_executions: 2 }[table])
      for (const row of found) {
        expect(row, table).toMatchObject({ status: expect.stringMatching(/^(completed|not_detected)$/) })
        expect(row.ended_at.getTime(), `${table} ${row.status}`).toBeGreaterThanOrEqual(row.created_at.getTime())
        expect(row.updated_at.getTime()).toBeGreaterThanOrEqual(row.ended_at.getTime())
      }
    }
    expect(await query(`SELECT log_message FROM obs.events WHERE event_type = 'log'`)).toHaveLength(1)
    expect(detector.plugin.getStatus()).toMatchObject({ quarantined: 0, hookErrors: 0, bufferedRows: 0 })
  })
})
