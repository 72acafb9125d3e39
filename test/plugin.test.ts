import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createObservabilityPlugin, ObservabilityPlugin, type RecordingPlugin, trackingToken } from '../plugin.ts'
import { getJobLogger, listenTo, job as ourJob, run as ourRun, PluginManager } from '../src/detector/detector.ts'
import { silentLogger } from '../src/log.ts'
import { createHost } from './support/host-double/host.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from './support/postgres.ts'

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const SOURCE_JOB = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

// biome-ignore lint/suspicious/noExplicitAny: both detectors' own types are narrower than what they accept.
type Any = any

interface Detector {
  listenTo(payload: Any, options: Any): Promise<Any>
  job: Any
  run: Any
  jobLogger(payload: Any, options: Any): { info(message: string): void }
  plugin: RecordingPlugin
  shutdown(): Promise<void>
}

const options = (database: TestDatabase) => ({
  database: { connectionString: database.url },
  batchSize: 1_000,
  retryAttempts: 1,
  retryDelay: 50,
})

function ours(database: TestDatabase): Detector {
  const manager = new PluginManager()
  const plugin = new ObservabilityPlugin(options(database), { logger: silentLogger })
  manager.register(plugin)
  return {
    listenTo: (payload, given) => listenTo(payload, { ...given, pluginManager: manager }),
    job: ourJob,
    run: ourRun,
    jobLogger: (payload, given) => getJobLogger(payload, given),
    plugin,
    shutdown: () => manager.shutdown(),
  }
}

function originals(database: TestDatabase): Detector {
  const host = createHost({ pollMs: 20 })
  const Plugin = createObservabilityPlugin(host.BasePlugin as Any)
  const plugin = new Plugin(options(database), { logger: silentLogger })
  host.pluginManager.register(plugin as Any)
  return {
    listenTo: (payload, given) => host.listenTo(payload, { ...given, logToConsole: false }),
    job: host.job,
    run: host.run,
    jobLogger: (payload, given) => host.getJobLogger(payload, given) as Any,
    plugin,
    shutdown: () => host.pluginManager.shutdown(),
  }
}

describe.each([
  ['our detector', ours],
  ['the original host', originals],
])('the plugin in %s', (name, create) => {
  let database: TestDatabase
  let detector: Detector

  beforeEach(async () => {
    database = await createTestDatabase()
    detector = create(database)
  })
  afterEach(async () => {
    await detector.shutdown()
    await database.drop()
  })

  const payload = (changes: Any = {}): Any => ({
    id: '11111111-2222-4333-8444-555555555555',
    created_at: '2026-01-02T03:04:05.678901',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders' },
    delivery_info: { current_retry: 0, max_retries: 3 },
    event: {
      op: 'INSERT',
      data: { old: null, new: { id: 42, updated_by: 'ann@shop.example' } },
      session_variables: { 'X-Hasura-Role': 'clerk' },
      trace_context: null,
    },
    ...changes,
  })
  const fires = (handler: Any, moduleName = 'orders.placed'): Any => ({
    name: moduleName,
    detector: () => true,
    handler,
  })
  const silent = (moduleName: string): Any => ({ name: moduleName, detector: () => false, handler: () => undefined })
  const rows = async (table: string): Promise<Any[]> => {
    // Ends the plugin's work the way a host does, and lets it begin again with the next call.
    await detector.plugin.shutdown()
    await detector.plugin.initialize()
    return (await database.pool.query(`SELECT * FROM ${SCHEMA}.${table} ORDER BY created_at, id`)).rows
  }
  const logs = async (): Promise<Any[]> => {
    await detector.plugin.shutdown()
    await detector.plugin.initialize()
    const { rows: found } = await database.pool.query(
      `SELECT l.log_level, l.log_message, j.job_name, j.job_options->>'n' AS n
       FROM ${SCHEMA}.events l JOIN ${SCHEMA}.job_executions j ON j.span_id = l.span_id AND j.trace_id = l.trace_id
       ORDER BY l.id`,
    )
    return found
  }

  it('records an invocation, every module asked and every job', async () => {
    async function reserveStock(): Promise<object> {
      return { reserved: 2 }
    }
    await detector.listenTo(payload(), {
      eventModules: [
        fires((event: string, p: Any) => detector.run(event, p, [detector.job(reserveStock, { n: 1 })])),
        silent('orders.paid'),
        silent('orders.cancelled'),
      ],
    })
    const [invocation, ...more] = await rows('invocations')
    expect(more).toEqual([])
    expect(invocation).toMatchObject({
      source_function: 'orders',
      source_table: 'public.orders',
      source_operation: 'INSERT',
      source_system: 'hasura',
      source_record_id: '42',
      source_job_id: null,
      source_event_id: '11111111-2222-4333-8444-555555555555',
      source_event_time: new Date('2026-01-02T03:04:05.678Z'),
      source_user_email: 'ann@shop.example',
      source_user_role: 'clerk',
      correlation_source: 'generated',
      events_detected_count: 1,
      total_jobs_run: 1,
      total_jobs_succeeded: 1,
      total_jobs_failed: 0,
      status: 'completed',
      error_message: null,
    })
    expect(invocation.source_event_payload).toEqual(payload())
    expect(invocation.ended_at.getTime()).toBeGreaterThanOrEqual(invocation.created_at.getTime())

    const events = await rows('event_executions')
    expect(events.map(row => [row.event_name, row.detected, row.status, row.jobs_count]).sort()).toEqual([
      ['orders.cancelled', false, 'not_detected', 0],
      ['orders.paid', false, 'not_detected', 0],
      ['orders.placed', true, 'completed', 1],
    ])
    const [job] = await rows('job_executions')
    const placed = events.find(row => row.detected)
    expect(job).toMatchObject({
      invocation_id: invocation.id,
      event_execution_id: placed.id,
      job_name: 'reserveStock',
      job_options: { n: 1 },
      status: 'completed',
      result: { reserved: 2 },
      trace_id: invocation.trace_id,
      parent_span_id: placed.span_id,
      correlation_id: invocation.correlation_id,
    })
    expect(placed.parent_span_id).toBe(invocation.span_id)
  })

  it('continues the chain of the job that wrote the row', async () => {
    let token = ''
    const updatedBy = `shop|${CORRELATION}|${SOURCE_JOB}`
    await detector.listenTo(
      payload({ event: { ...payload().event, data: { new: { id: 1, updated_by: updatedBy } } } }),
      {
        eventModules: [
          fires((event: string, p: Any) =>
            detector.run(event, p, [
              detector.job(function writes(_event: string, q: Any, given: Any) {
                token = trackingToken(q, given, 'elsewhere')
              }),
            ]),
          ),
        ],
      },
    )
    const [invocation] = await rows('invocations')
    const [job] = await rows('job_executions')
    expect(invocation).toMatchObject({
      correlation_id: CORRELATION,
      correlation_source: 'updated_by',
      source_job_id: SOURCE_JOB,
      trace_id: CORRELATION.replaceAll('-', ''),
      parent_span_id: '944be07fc1f90ae7',
      source_user_email: null,
    })
    expect(token).toBe(`shop|${CORRELATION}|${job.id}`)
  })

  it('makes a new correlation id where the payload brings none, the same for everything below', async () => {
    await detector.listenTo(payload(), { eventModules: [silent('a')] })
    const [invocation] = await rows('invocations')
    const [event] = await rows('event_executions')
    expect(invocation.correlation_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(event.correlation_id).toBe(invocation.correlation_id)
  })

  it('keeps equal-named jobs apart, each run its own row, with its own output', async () => {
    async function notify(_event: string, _p: Any, given: Any): Promise<number> {
      console.log(`start ${given.n}`)
      await sleep(10 * (5 - given.n))
      console.warn(`end ${given.n}`)
      if (given.n === 3) throw new Error('no address')
      return given.n
    }
    await detector.listenTo(payload(), {
      eventModules: [
        fires((event: string, p: Any) =>
          detector.run(
            event,
            p,
            [1, 2, 3, 4].map(n => detector.job(notify, { n })),
          ),
        ),
      ],
    })
    const jobs = await rows('job_executions')
    expect(jobs.map(row => [row.job_options.n, row.status, row.result, row.error_message])).toEqual([
      [1, 'completed', 1, null],
      [2, 'completed', 2, null],
      [3, 'failed', null, 'no address'],
      [4, 'completed', 4, null],
    ])
    expect(jobs[2].error_stack).toContain('notify')
    const output = (await logs()).filter(line => /^(start|end) /.test(line.log_message))
    expect(output.map(line => [line.n, line.log_level, line.log_message])).toEqual(
      ['1', '2', '3', '4'].flatMap(n => [
        [n, 'info', `start ${n}`],
        [n, 'warn', `end ${n}`],
      ]),
    )
    expect((await rows('invocations'))[0]).toMatchObject({
      status: 'failed',
      total_jobs_failed: 1,
      total_jobs_succeeded: 3,
    })
  })

  it('keeps concurrent invocations with one correlation id apart', async () => {
    const call = (id: number): Promise<unknown> =>
      detector.listenTo(
        payload({ event: { ...payload().event, data: { new: { id, updated_by: `shop|${CORRELATION}` } } } }),
        {
          eventModules: [
            fires((event: string, p: Any) =>
              detector.run(event, p, [
                detector.job(async function pack(_e: string, q: Any) {
                  await sleep(20 - id)
                  console.log(`packed ${q.event.data.new.id}`)
                  return q.event.data.new.id
                }),
              ]),
            ),
          ],
        },
      )
    await Promise.all(Array.from({ length: 12 }, (_, id) => call(id)))
    const { rows: found } = await (async () => {
      await rows('invocations')
      return database.pool.query(
        `SELECT i.source_record_id, j.result::text AS result, l.log_message
         FROM ${SCHEMA}.invocations i JOIN ${SCHEMA}.job_executions j ON j.invocation_id = i.id
         JOIN ${SCHEMA}.events l ON l.span_id = j.span_id ORDER BY i.source_record_id::int`,
      )
    })()
    expect(found).toEqual(
      Array.from({ length: 12 }, (_, id) => ({
        source_record_id: `${id}`,
        result: `${id}`,
        log_message: `packed ${id}`,
      })),
    )
  })

  it('records the detector’s own job logger as output of the job', async () => {
    await detector.listenTo(payload(), {
      eventModules: [
        fires((event: string, p: Any) =>
          detector.run(event, p, [
            detector.job(function careful(_e: string, q: Any, given: Any) {
              detector.jobLogger(q, given).info('through the logger')
            }),
          ]),
        ),
      ],
    })
    await sleep(20)
    const lines = (await logs()).map(line => line.log_message)
    expect(lines.filter(line => line.includes('through the logger'))).toHaveLength(1)
  })

  it('records a detector that throws, and goes on with the others', async () => {
    const broken = {
      name: 'orders.broken',
      detector: () => {
        throw new Error('cannot read status')
      },
      handler: () => undefined,
    }
    await detector.listenTo(payload(), { eventModules: [broken, silent('orders.paid')] })
    const events = await rows('event_executions')
    expect(events.map(row => [row.event_name, row.status])).toEqual(
      expect.arrayContaining([
        ['orders.broken', 'detection_failed'],
        ['orders.paid', 'not_detected'],
      ]),
    )
    expect(events.find(row => row.event_name === 'orders.broken').detection_error).toContain('cannot read status')
    expect((await rows('invocations'))[0].status).toBe('failed')
  })

  it('records a handler that throws, with the jobs that had run', async () => {
    await detector.listenTo(payload(), {
      eventModules: [
        fires(async (event: string, p: Any) => {
          await detector.run(event, p, [detector.job(function first() {})])
          throw new Error('handler gave up')
        }),
      ],
    })
    expect((await rows('event_executions'))[0]).toMatchObject({
      detected: true,
      status: 'handler_failed',
      handler_error: 'handler gave up',
      jobs_count: 1,
    })
    expect((await rows('job_executions'))[0].status).toBe('completed')
    expect((await rows('invocations'))[0]).toMatchObject({ status: 'failed', total_jobs_run: 1 })
  })

  it('records a handler that returns nothing and one that runs no jobs', async () => {
    await detector.listenTo(payload(), {
      eventModules: [
        fires(() => undefined, 'nothing'),
        fires((event: string, p: Any) => detector.run(event, p, []), 'empty'),
      ],
    })
    expect((await rows('event_executions')).map(row => row.status)).toEqual(['completed', 'completed'])
    expect((await rows('invocations'))[0].status).toBe('completed')
  })

  it('records a timeout once, and the jobs that end after it', async () => {
    let remaining = 2_050
    const timer = setInterval(() => {
      remaining -= 20
    }, 10)
    await detector.listenTo(payload(), {
      timeoutConfig: { getRemainingTimeInMillis: () => remaining, safetyMargin: 2_000 },
      eventModules: [
        fires((event: string, p: Any) =>
          detector.run(event, p, [
            detector.job(() => sleep(300), { jobName: 'slow' }),
            detector.job(() => 1, { jobName: 'quick' }),
          ]),
        ),
      ],
    })
    clearInterval(timer)
    await sleep(500)
    const [invocation, ...more] = await rows('invocations')
    expect(more).toEqual([])
    expect(invocation.status).toBe('timeout')
    expect(invocation.ended_at).not.toBeNull()
    const jobs = await rows('job_executions')
    expect(jobs.map(row => [row.job_name, row.status === 'running']).sort()).toEqual([
      ['quick', false],
      ['slow', false],
    ])
  })

  it('takes whatever a job returns or throws', async () => {
    const circular: Any = { big: 10n }
    circular.self = circular
    await detector
      .listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            detector.run(event, p, [
              detector.job(() => circular, { jobName: 'a' }),
              detector.job(() => Promise.reject('just text'), { jobName: 'b' }),
              detector.job(() => 'nul \0 and \ud800', { jobName: 'c' }),
            ]),
          ),
        ],
      })
      // The original rejects after all is done when a result holds a BigInt.
      .catch(error => expect(String(error)).toMatch(/BigInt|circular/))
    const jobs = await rows('job_executions')
    expect(jobs.map(row => [row.job_name, row.status, row.result, row.error_message])).toEqual([
      ['a', 'completed', { big: '10n', self: '[Circular]' }, null],
      ['b', 'failed', null, expect.stringContaining('just text')],
      ['c', 'completed', 'nul \uFFFD and \uFFFD', null],
    ])
  })

  it('records a payload from which nearly everything is missing', async () => {
    await detector.listenTo({ event: { op: 'MANUAL', data: {} } }, { eventModules: [silent('a')] })
    expect((await rows('invocations'))[0]).toMatchObject({
      source_function: 'unknown',
      source_table: 'public.unknown',
      source_operation: 'MANUAL',
      source_event_id: null,
      status: 'completed',
    })
  })

  it('survives shutdown and goes on when it is initialised again', async () => {
    const call = () => detector.listenTo(payload(), { eventModules: [silent('a')] })
    await call()
    await detector.shutdown()
    await call()
    await Promise.all([detector.plugin.initialize(), detector.plugin.initialize()])
    await call()
    expect(await rows('invocations')).toHaveLength(3)
    expect(await rows('event_executions')).toHaveLength(3)
  })

  it('does not break the application when the database cannot be reached', async () => {
    const offline = create({ ...database, url: 'postgresql://nobody:secret@127.0.0.1:9/none' })
    const response = await offline.listenTo(payload(), {
      eventModules: [
        fires((event: string, p: Any) => offline.run(event, p, [offline.job(() => 'done', { jobName: 'j' })])),
      ],
    })
    expect(response.events[0].jobs[0]).toMatchObject({ completed: true, result: 'done' })
    await offline.plugin.shutdown()
    const status = offline.plugin.getStatus()
    expect(status).toMatchObject({ written: 0, hookErrors: 0 })
    expect(status.bufferedRows).toBe(3)
    expect(JSON.stringify(status)).not.toContain('secret')
    expect(JSON.stringify(offline.plugin)).not.toContain('secret')
  })

  it(`is known to ${name} under a name that minifiers cannot change`, () => {
    expect(detector.plugin.name).toBe('ObservabilityPlugin')
  })
})

describe('the plugin on a serverless platform', () => {
  it('has the rows committed when listenTo resolves', async () => {
    const database = await createTestDatabase()
    const manager = new PluginManager()
    const plugin = new ObservabilityPlugin({ ...options(database), durability: 'invocation' }, { logger: silentLogger })
    manager.register(plugin)
    await listenTo(
      { event: { op: 'INSERT', data: { old: null, new: {} } } },
      { pluginManager: manager, eventModules: [{ name: 'a', detector: () => false, handler: async () => undefined }] },
    )
    const { rows } = await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations`)
    expect(rows).toEqual([{ status: 'completed' }])
    await manager.shutdown()
    await database.drop()
  })
})

describe('a disabled plugin', () => {
  it('records nothing and needs no database', async () => {
    const manager = new PluginManager()
    const plugin = new ObservabilityPlugin({ enabled: false }, { logger: silentLogger })
    manager.register(plugin)
    await listenTo({ event: { op: 'INSERT', data: {} } }, { pluginManager: manager, eventModules: [] })
    expect(plugin.getStatus()).toMatchObject({ enabled: false, recorded: 0 })
    await manager.shutdown()
  })
})
