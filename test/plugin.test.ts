import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notDetected, ObservabilityPlugin, type PluginOptions, trackingToken } from '../plugin.ts'
import { listenTo, PluginManager } from '../src/detector/detector.ts'
import { silentLogger } from '../src/log.ts'
import { type Any, DETECTORS, type Detector, fires, orderPlaced, silent } from './support/detectors.ts'
import { eventually } from './support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from './support/postgres.ts'

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const SOURCE_JOB = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

describe.each(DETECTORS)('the plugin in %s', (name, create) => {
  let database: TestDatabase
  let detector: Detector

  beforeEach(async () => {
    database = await createTestDatabase()
    detector = create(database.url)
  })
  afterEach(async () => {
    await detector.shutdown()
    await database.drop()
  })

  const payload = orderPlaced
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

  it('shows work while it goes on: what is asked, what is handled, what runs', async () => {
    let detect = (_: boolean): void => {}
    let finish = (_: string): void => {}
    const detected = new Promise<boolean>(resolve => {
      detect = resolve
    })
    async function pack(): Promise<string> {
      return new Promise(resolve => {
        finish = resolve
      })
    }
    const work = detector.listenTo(payload(), {
      eventModules: [
        {
          name: 'orders.placed',
          detector: () => detected,
          handler: (event: string, p: Any) => detector.run(event, p, [detector.job(pack)]),
        },
      ],
    })
    const statuses = async (): Promise<string[]> => {
      const { rows: found } = await database.pool.query<{ status: string }>(
        `SELECT status FROM ${SCHEMA}.invocations UNION ALL SELECT status FROM ${SCHEMA}.event_executions
         UNION ALL SELECT status FROM ${SCHEMA}.job_executions`,
      )
      return found.map(row => row.status)
    }
    await eventually(async () => expect(await statuses()).toEqual(['running', 'detecting']))
    detect(true)
    await eventually(async () => expect(await statuses()).toEqual(['running', 'handling', 'running']))
    finish('packed')
    await work
    await eventually(async () => expect(await statuses()).toEqual(['completed', 'completed', 'completed']))
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
    expect(jobs.map(row => [row.job_name, row.status, row.result]).sort()).toEqual([
      ['quick', 'completed', 1],
      // The original gives up a job that does not listen; ours tells how it really ends.
      ['slow', detector.isOriginal ? 'timeout' : 'completed', null],
    ])
    const failed = detector.isOriginal ? 1 : 0
    expect(invocation).toMatchObject({
      total_jobs_run: 2,
      total_jobs_succeeded: 2 - failed,
      total_jobs_failed: failed,
    })
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
    const offline = create('postgresql://nobody:secret@127.0.0.1:9/none')
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

  // What a job run reports of itself, however its host calls it.
  const jobs = (event: string, p: Any, ...list: Any[]): Any =>
    detector.run(
      event,
      p,
      list.map(each => (typeof each === 'function' ? detector.job(each) : each)),
    )
  const restart = async (changes: PluginOptions): Promise<void> => {
    await detector.shutdown()
    detector = create(database.url, { options: changes })
  }
  const withRow = (row: Any, changes: Any = {}): Any =>
    payload({ event: { ...payload().event, data: { old: null, new: row }, ...changes } })

  describe('in every order of hooks', () => {
    it('records each use of a payload object that comes again, with the change it then holds', async () => {
      const again = withRow({ id: 1, updated_by: `shop|${CORRELATION}` })
      await detector.listenTo(again, { eventModules: [silent('a')] })
      again.event.data.new = { id: 2, updated_by: `shop|${SOURCE_JOB}` }
      await detector.listenTo(again, { eventModules: [silent('a')] })
      expect((await rows('invocations')).map(row => [row.source_record_id, row.correlation_id, row.status])).toEqual([
        ['1', CORRELATION, 'completed'],
        ['2', SOURCE_JOB, 'completed'],
      ])
      expect(await rows('event_executions')).toHaveLength(2)
    })

    it('keeps two invocations apart that use one payload object at once', async () => {
      const shared = payload()
      const call = (n: number): Promise<unknown> =>
        detector.listenTo(shared, {
          eventModules: [
            fires(async (event: string, p: Any) => {
              await sleep(5 * n)
              return jobs(
                event,
                p,
                detector.job(
                  async () => {
                    console.log(`line ${n}`)
                    await sleep(20 - 5 * n)
                    return n
                  },
                  { jobName: 'shared', n },
                ),
              )
            }),
          ],
        })
      await Promise.all([call(1), call(2), call(3)])
      const invocations = await rows('invocations')
      expect(invocations.map(row => [row.status, row.total_jobs_run, row.events_detected_count])).toEqual(
        Array(3).fill(['completed', 1, 1]),
      )
      const found = await rows('job_executions')
      expect(found.map(row => row.result).sort()).toEqual([1, 2, 3])
      expect(new Set(found.map(row => row.invocation_id)).size).toBe(3)
      expect((await logs()).map(line => [line.n, line.log_message]).sort()).toEqual(
        ['1', '2', '3'].map(n => [n, `line ${n}`]),
      )
    })

    it('runs one job function twice in one event as two rows, one failing', async () => {
      let calls = 0
      async function twice(): Promise<string> {
        const n = ++calls
        await sleep(10 * n)
        if (n === 1) throw new Error('first fails')
        return 'second'
      }
      await detector.listenTo(payload(), {
        eventModules: [fires((event: string, p: Any) => jobs(event, p, twice, twice))],
      })
      expect(
        (await rows('job_executions')).map(row => [row.job_name, row.status, row.result, row.error_message]),
      ).toEqual([
        ['twice', 'failed', null, 'first fails'],
        ['twice', 'completed', 'second', null],
      ])
      expect((await rows('event_executions'))[0]).toMatchObject({ jobs_count: 2, jobs_succeeded: 1, jobs_failed: 1 })
    })

    it('tells two modules of one name apart', async () => {
      await detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) => jobs(event, p, () => 1), 'same'),
          { name: 'same', detector: () => sleep(5).then(() => false), handler: () => undefined },
        ],
      })
      expect((await rows('event_executions')).map(row => [row.event_name, row.status]).sort()).toEqual([
        ['same', 'completed'],
        // Ours asks the first of them only.
        ...(detector.isOriginal ? [['same', 'not_detected']] : []),
      ])
    })

    it('records a job that the end of the invocation’s time aborts as a timeout', async () => {
      let remaining = 2_050
      await detector.listenTo(payload(), {
        timeoutConfig: { getRemainingTimeInMillis: () => remaining, safetyMargin: 2_000 },
        eventModules: [
          fires((event: string, p: Any) => {
            remaining = 0
            return jobs(
              event,
              p,
              detector.job(
                (_e: string, _p: Any, { abortSignal }: Any) =>
                  new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason))),
                { jobName: 'obeys' },
              ),
            )
          }),
        ],
      })
      await eventually(async () => {
        expect((await rows('job_executions')).map(row => [row.job_name, row.status])).toEqual([['obeys', 'timeout']])
      })
      expect((await rows('invocations')).map(row => row.status)).toEqual(['timeout'])
    })

    it('records a job that takes longer than its own timeout as a timeout', async () => {
      await detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(
              event,
              p,
              detector.job(() => sleep(60), { jobName: 'slow', timeout: 10 }),
            ),
          ),
        ],
      })
      expect((await rows('job_executions'))[0]).toMatchObject({
        job_name: 'slow',
        status: 'timeout',
        job_options: { timeout: 10 },
      })
    })

    it('keeps jobs that run on after the invocation timed out, until they end', async () => {
      let release = (): void => {}
      const released = new Promise<void>(resolve => {
        release = resolve
      })
      let remaining = 9_000
      const answer = await detector.listenTo(payload(), {
        timeoutConfig: { getRemainingTimeInMillis: () => remaining, safetyMargin: 2_000 },
        eventModules: [
          fires(async (event: string, p: Any) => {
            remaining = 0
            await released
            return jobs(event, p, function late() {})
          }, 'slow.handler'),
        ],
      })
      expect(answer.timedOut).toBe(true)
      expect((await rows('event_executions')).map(row => row.status)).toEqual(['handling'])
      release()
      await eventually(async () => {
        expect((await rows('event_executions')).map(row => row.status)).toEqual([
          detector.isOriginal ? 'completed' : 'failed',
        ])
      })
      // The original tells nobody of jobs that would have begun after the end of time.
      expect((await rows('job_executions')).map(row => [row.job_name, row.status])).toEqual(
        detector.isOriginal ? [] : [['late', 'timeout']],
      )
      expect((await rows('invocations')).map(row => row.status)).toEqual(['timeout'])
    })

    it('has everything committed before a serverless function is frozen, also when its time is over', async () => {
      const stored = async (): Promise<string[]> =>
        (await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations ORDER BY id`)).rows.map(row => row.status)
      const eventModules = [fires((event: string, p: Any) => jobs(event, p, async function sent() {}))]
      // The container stays warm: the same plugin is asked again.
      for (const statuses of [['completed'], ['completed', 'completed']]) {
        await detector.listenTo(payload(), { timeoutConfig: { serverlessMode: true }, eventModules })
        expect(await stored()).toEqual(statuses)
      }
      expect(detector.plugin.getStatus().durability).toBe('invocation')
      let release = (): void => {}
      const released = new Promise<void>(resolve => {
        release = resolve
      })
      let remaining = 9_000
      const answer = await detector.listenTo(payload(), {
        timeoutConfig: { serverlessMode: true, getRemainingTimeInMillis: () => remaining, safetyMargin: 2_000 },
        eventModules: [
          fires(async () => {
            remaining = 0
            await released
          }, 'slow.handler'),
        ],
      })
      expect(answer.timedOut).toBe(true)
      expect(await stored()).toEqual(['completed', 'completed', 'timeout'])
      release()
    })

    it('takes the id that the caller chose, once, also when it tells no time', async () => {
      const chosen = '0F8FAD5B-D9CB-469F-A165-70867728950E'
      for (let delivery = 0; delivery < 2; delivery++) {
        await detector.listenTo(payload(), { invocationId: chosen, eventModules: [silent('orders.paid')] })
      }
      await detector.listenTo(payload(), { invocationId: 'no uuid', eventModules: [silent('orders.paid')] })
      const ids = (await rows('invocations')).map(row => row.id)
      expect(ids).toHaveLength(2)
      expect(ids[0]).toBe(chosen.toLowerCase())
      expect(ids[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
      const { rows: kept } = await database.pool.query(`SELECT id FROM ${SCHEMA}.invocations_default`)
      expect(kept).toEqual([{ id: chosen.toLowerCase() }])
    })

    it('takes hooks that come after the shutdown, and writes them when it begins again', async () => {
      let release = (): void => {}
      const released = new Promise<void>(resolve => {
        release = resolve
      })
      const running = detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(
              event,
              p,
              detector.job(() => released, { jobName: 'j' }),
            ),
          ),
        ],
      })
      await eventually(async () => expect(detector.plugin.getStatus().recorded).toBeGreaterThanOrEqual(4))
      await detector.plugin.shutdown()
      release()
      await running
      expect(detector.plugin.getStatus().hookErrors).toBe(0)
      await detector.plugin.initialize()
      expect((await rows('job_executions')).map(row => row.status)).toEqual(['completed'])
      expect((await rows('invocations')).map(row => row.status)).toEqual(['completed'])
    })

    it('survives being initialised from many sides at once', async () => {
      await Promise.all(
        Array.from({ length: 5 }, (_, id) => detector.listenTo(withRow({ id }), { eventModules: [silent('a')] })),
      )
      await Promise.all([detector.plugin.initialize(), detector.plugin.initialize(), detector.plugin.initialize()])
      expect((await rows('invocations')).map(row => row.source_record_id).sort()).toEqual(['0', '1', '2', '3', '4'])
    })

    it('records an invocation for which there is no module to ask', async () => {
      await detector.listenTo(payload(), { eventModules: [] })
      const [invocation, ...more] = await rows('invocations')
      expect(more).toEqual([])
      // The original never tells the end of such an invocation.
      expect(invocation.status).toBe(detector.isOriginal ? 'running' : 'completed')
      expect(await rows('event_executions')).toEqual([])
    })

    it('ignores ends without a start, and takes an end that comes twice', async () => {
      const { plugin } = detector
      await plugin.initialize()
      const p = payload()
      await plugin.onEventDetectionEnd('a', true, p, 1)
      await plugin.onEventHandlerEnd('a', undefined, p, 1)
      await plugin.onJobEnd('j', { completed: true }, 'a', p, 1)
      await plugin.onInvocationEnd(p, undefined, 1)
      expect(plugin.getStatus()).toMatchObject({ recorded: 0, hookErrors: 0 })
      await plugin.onInvocationStart(p, {})
      await plugin.onInvocationEnd(p, { timedOut: true }, 5)
      await plugin.onInvocationEnd(p, {}, 9)
      expect((await rows('invocations')).map(row => [row.status, row.total_duration_ms])).toEqual([['timeout', 5]])
    })
  })

  describe('with the output of jobs', () => {
    it('gives each of 50 jobs that run at once its own lines, in their order', async () => {
      await detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(
              event,
              p,
              ...Array.from({ length: 50 }, (_, n) =>
                detector.job(
                  async () => {
                    for (const step of [1, 2, 3]) {
                      console.log(`${n}:${step}`)
                      await sleep((n * 7) % 5)
                    }
                  },
                  { jobName: 'many', n },
                ),
              ),
            ),
          ),
        ],
      })
      const lines = await logs()
      expect(lines).toHaveLength(150)
      for (let n = 0; n < 50; n++) {
        expect(lines.filter(line => line.n === `${n}`).map(line => line.log_message)).toEqual([
          `${n}:1`,
          `${n}:2`,
          `${n}:3`,
        ])
      }
    })

    it('gives a line that a job writes after its end to no job', async () => {
      let late: Promise<void> = Promise.resolve()
      await detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(
              event,
              p,
              function hasty() {
                console.log('in time')
                late = sleep(15).then(() => console.log('too late'))
              },
              async function patient() {
                await sleep(40)
                console.log('patient')
              },
            ),
          ),
        ],
      })
      await late
      expect((await logs()).map(line => [line.job_name, line.log_message]).sort()).toEqual([
        ['hasty', 'in time'],
        ['patient', 'patient'],
      ])
    })

    it('stops at the limit for each job, and says so in one line', async () => {
      await restart({ maxLinesPerJob: 3 })
      const loud = (name: string): Any =>
        detector.job(
          () => {
            for (let i = 1; i <= 20; i++) console.log(`${name} ${i}`)
          },
          { jobName: name },
        )
      await detector.listenTo(payload(), {
        eventModules: [fires((event: string, p: Any) => jobs(event, p, loud('a'), loud('b')))],
      })
      const lines = await logs()
      for (const name of ['a', 'b']) {
        expect(lines.filter(line => line.job_name === name).map(line => line.log_message)).toEqual([
          `${name} 1`,
          `${name} 2`,
          `${name} 3`,
          'output after 3 lines is not recorded',
        ])
      }
    })

    it('records a line once when the host prints what its logger tells', async () => {
      const printed: string[] = []
      const original = console.log
      console.log = (...args: unknown[]) => printed.push(args.join(' '))
      try {
        await restart({})
        await detector.listenTo(payload(), {
          logToConsole: true,
          eventModules: [
            fires((event: string, p: Any) =>
              jobs(event, p, function careful(_e: string, q: Any, given: Any) {
                detector.jobLogger(q, given).info('through the logger')
                console.log('by itself')
                detector.jobLogger(q, given).info('through the logger')
              }),
            ),
          ],
        })
        expect(printed.filter(line => line.includes('through the logger'))).toHaveLength(2)
        const lines = (await logs()).map(line => line.log_message.replace(/^\[.*?\] /, ''))
        expect(lines).toEqual(['through the logger', 'by itself', 'through the logger'])
      } finally {
        await detector.shutdown()
        console.log = original
      }
    })

    it('leaves the console as it was', async () => {
      const before = console.log
      await detector.plugin.initialize()
      await detector.plugin.initialize()
      expect(console.log).not.toBe(before)
      await detector.plugin.shutdown()
      expect(console.log).toBe(before)
    })
  })

  describe('with a detector that says no', () => {
    it('records why, with the facts, each with its own detection', async () => {
      const saying = (moduleName: string, wait: number): Any => ({
        name: moduleName,
        detector: async (_event: string, p: Any) => {
          await sleep(wait)
          return notDetected(`${moduleName}: nothing for ${p.event.data.new.id}`, { wait, password: 'p' })
        },
        handler: () => undefined,
      })
      const changesItsMind = {
        name: 'c',
        detector: () => !notDetected('not this time'),
        handler: () => undefined,
      }
      const call = (id: number): Promise<unknown> =>
        detector.listenTo(withRow({ id }), {
          eventModules: [saying('a', 10 - id), saying('b', id), silent('quiet'), changesItsMind],
        })
      await Promise.all([call(1), call(2)])
      const found = await rows('event_executions')
      expect(
        found.map(row => [row.event_name, row.status, row.not_detected_reason, row.detection_facts]).sort(),
      ).toEqual([
        ['a', 'not_detected', 'a: nothing for 1', { wait: 9, password: '[Redacted]' }],
        ['a', 'not_detected', 'a: nothing for 2', { wait: 8, password: '[Redacted]' }],
        ['b', 'not_detected', 'b: nothing for 1', { wait: 1, password: '[Redacted]' }],
        ['b', 'not_detected', 'b: nothing for 2', { wait: 2, password: '[Redacted]' }],
        ['c', 'completed', null, null],
        ['c', 'completed', null, null],
        ['quiet', 'not_detected', null, null],
        ['quiet', 'not_detected', null, null],
      ])
      expect(found.every(row => row.columns_read === null)).toBe(true)
    })

    it('records what each detector read, and which columns changed', async () => {
      await restart({ recordReads: true })
      let inJob: unknown
      const given = payload({
        event: {
          ...payload().event,
          op: 'UPDATE',
          data: {
            old: { id: 1, status: 'new', tags: ['a'], total: 5 },
            new: { id: 1, status: 'paid', tags: ['a'], total: 6 },
          },
        },
      })
      const { event: given_event } = given
      const module = (moduleName: string, ask: (p: Any) => unknown): Any => ({
        name: moduleName,
        detector: async (_event: string, p: Any) => {
          await sleep(3)
          return ask(p)
        },
        handler: (event: string, p: Any) =>
          jobs(event, p, function reads(_e: string, q: Any) {
            inJob = q.event
          }),
      })
      await detector.listenTo(given, {
        eventModules: [
          module('table', p => p.table.name === 'payments'),
          module('status', p => p.event.data.new.status === 'shipped' && p.event.data.old.status !== 'shipped'),
          module('both', p => p.event.op === 'UPDATE' && p.event.data.old.total < p.event.data.new.total),
        ],
      })
      const found = await rows('event_executions')
      expect(found.map(row => [row.event_name, row.columns_read]).sort()).toEqual([
        ['both', ['op', 'old.total', 'new.total']],
        ['status', ['new.status']],
        ['table', ['table']],
      ])
      expect(inJob).toBe(given_event)
      expect((await rows('invocations'))[0].changed_columns).toEqual(['status', 'total'])
    })
  })

  describe('with a token that this change did not write', () => {
    const token = `shop|${CORRELATION}|${SOURCE_JOB}`
    const update = (before: Any, after: Any, changes: Any = {}): Any =>
      payload({ event: { ...payload().event, op: 'UPDATE', data: { old: before, new: after }, ...changes } })

    it('keeps the correlation and says so, but names no cause', async () => {
      await detector.listenTo(update({ id: 1, n: 1, updated_by: token }, { id: 1, n: 2, updated_by: token }), {
        eventModules: [silent('a')],
      })
      await detector.listenTo(
        payload({
          event: { ...payload().event, op: 'DELETE', data: { old: { id: 1, updated_by: token }, new: null } },
        }),
        { eventModules: [silent('a')] },
      )
      const unknown = {
        correlation_id: CORRELATION,
        correlation_source: 'updated_by_unchanged',
        source_job_id: null,
        previous_job_id: SOURCE_JOB,
      }
      expect(await rows('invocations')).toMatchObject([
        { ...unknown, correlation_detail: 'new.updated_by, not written by this change', changed_columns: ['n'] },
        { ...unknown, correlation_detail: 'old.updated_by, of the deleted row', changed_columns: null },
      ])
    })

    it('names the job as the cause when it was at work here: a job may write a row twice', async () => {
      let own = ''
      let id = ''
      await detector.listenTo(payload(), {
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(event, p, async function writesTwice(_e: string, q: Any, given: Any) {
              own = trackingToken(q, given, 'shop')
              id = given.jobExecutionId
            }),
          ),
        ],
      })
      const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString().slice(0, -1)
      const change = (offsetMs: number): Any => ({
        ...update({ id: 1, n: 1, updated_by: own }, { id: 1, n: 2, updated_by: own }),
        created_at: at(offsetMs),
      })
      await detector.listenTo(change(0), { eventModules: [silent('a')] })
      await detector.listenTo(change(60_000), { eventModules: [silent('a')] })
      const [, during, later] = await rows('invocations')
      expect(during).toMatchObject({ correlation_source: 'updated_by', source_job_id: id, previous_job_id: null })
      expect(later).toMatchObject({
        correlation_source: 'updated_by_unchanged',
        source_job_id: null,
        previous_job_id: id,
      })
    })
  })

  it('says where a correlation came from, and how many had one', async () => {
    await restart({ correlation: { customFields: ['order.trace'], columns: ['changed_by'] } })
    const trace_context = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }
    const ask = (p: Any, given: Any = {}) => detector.listenTo(p, { eventModules: [silent('a')], ...given })
    await ask(withRow({ changed_by: `shop.${CORRELATION}.${SOURCE_JOB}` }))
    await ask(withRow({}, { session_variables: { 'X-Request-ID': CORRELATION } }))
    await ask(withRow({ metadata: { correlation_id: CORRELATION } }))
    await ask(withRow({ order: { trace: CORRELATION } }))
    await ask(withRow({}, { trace_context }))
    await ask(withRow({}, { trace_context }), { correlationId: CORRELATION })
    await ask(withRow({ changed_by: 'ann@shop.example' }))
    await ask(withRow({ updated_by: CORRELATION }))
    expect((await rows('invocations')).map(row => [row.correlation_source, row.correlation_detail])).toEqual([
      ['updated_by', 'new.changed_by'],
      ['session', 'X-Request-ID'],
      ['metadata', 'metadata.correlation_id'],
      ['custom', 'order.trace'],
      ['trace_context', 'trace_context.trace_id'],
      ['caller', 'options.correlationId'],
      ['generated', 'new.changed_by holds an e-mail address'],
      ['generated', 'no column changed_by'],
    ])
    const { rows: coverage } = await database.pool.query(
      `SELECT inherited, sum(invocations)::int AS n, sum(percent)::float AS share
       FROM ${SCHEMA}.correlation_coverage('1 hour') GROUP BY 1 ORDER BY 1`,
    )
    expect(coverage).toEqual([
      { inherited: false, n: 2, share: 25 },
      { inherited: true, n: 6, share: 75 },
    ])
  })

  it('works beside an extraction plugin of the host', async () => {
    const token = `billing~${CORRELATION}`
    const extracted = withRow({ id: 1, changed_by: token })
    extracted.__sourceJobId = SOURCE_JOB
    await detector.listenTo(extracted, {
      eventModules: [silent('a')],
      correlationId: CORRELATION,
      sourceTrackingToken: `billing|${CORRELATION}`,
    })
    expect((await rows('invocations'))[0]).toMatchObject({
      correlation_id: CORRELATION,
      correlation_source: 'host_plugin',
      source_job_id: SOURCE_JOB,
    })
  })

  it('lets no secret out of the process', async () => {
    await restart({ redact: { keys: ['pin'], paths: ['result.inner'] } })
    await detector.listenTo(
      withRow({ id: 1, card: '4242 4242 4242 4242', api_key: 'k-1', updated_by: `shop|${CORRELATION}` }),
      {
        context: { authorization: 'Bearer k-2' },
        eventModules: [
          fires((event: string, p: Any) =>
            jobs(
              event,
              p,
              detector.job(
                () => {
                  console.log('using', { password: 'k-3' }, 'token=k-4')
                  return { inner: 'k-5', outer: 1 }
                },
                { jobName: 'good', pin: 'k-6' },
              ),
              detector.job(
                () => {
                  throw new Error('cannot log in with password=k-7')
                },
                { jobName: 'bad' },
              ),
            ),
          ),
        ],
      },
    )
    const everything = JSON.stringify([
      await rows('invocations'),
      await rows('job_executions'),
      (await database.pool.query(`SELECT log_message FROM ${SCHEMA}.events`)).rows,
    ])
    expect(everything).not.toMatch(/k-\d|4242 4242/)
    expect(everything).toContain(`shop|${CORRELATION}`)
    expect((await rows('job_executions')).find(row => row.job_name === 'good').result).toEqual({
      inner: '[Redacted]',
      outer: 1,
    })
  })

  it(`is known to ${name} under a name that minifiers cannot change`, () => {
    expect(detector.plugin.name).toBe('ObservabilityPlugin')
  })
})

describe('the plugin on a serverless platform', () => {
  it('has the rows committed when listenTo resolves', async () => {
    const database = await createTestDatabase()
    const manager = new PluginManager()
    const plugin = new ObservabilityPlugin(
      { database: { connectionString: database.url }, durability: 'invocation' },
      { logger: silentLogger },
    )
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

describe('a program that just ends', () => {
  it.each([
    ['Postgres', `database: { connectionString: 'postgresql://127.0.0.1:1/none' }`],
    ['a Hasura', `transport: 'graphql', graphql: { endpoint: 'http://127.0.0.1:1' }`],
  ])('ends, although rows wait for %s that is not there', async (_what, where) => {
    const script = `
      import { ObservabilityPlugin } from './plugin.ts'
      import { listenTo, PluginManager } from './src/detector/detector.ts'
      const plugin = new ObservabilityPlugin({ ${where}, retryDelay: 50 })
      const pluginManager = new PluginManager().register(plugin)
      const eventModules = [{ name: 'a', detector: () => false, handler: async () => undefined }]
      await listenTo({ event: { op: 'INSERT', data: { old: null, new: {} } } }, { pluginManager, eventModules })
      while (plugin.getStatus().retried === 0) await new Promise(resolve => setTimeout(resolve, 20))`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'ignore' })
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0)
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
