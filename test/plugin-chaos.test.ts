import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { notDetected, trackingToken } from '../plugin.ts'
import { type Any, DETECTORS, orderPlaced } from './support/detectors.ts'
import { eventually } from './support/eventually.ts'
import { createTestDatabase, SCHEMA } from './support/postgres.ts'
import { randomFrom } from './support/random-from.ts'

const INVOCATIONS = 400
const AT_ONCE = 25
const CORRELATIONS = [
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  '9b2d3c4e-1111-4222-8333-444455556666',
]

/** What application code really did, by its own account. */
interface Truth {
  id: string
  correlation: string
  status: string
  /** By the name of the module. */
  events: Record<string, { status: string; reason: string | null; jobs: JobTruth[] }>
}

interface JobTruth {
  n: number
  name: string
  status: string
  result: unknown
  error: string | null
  lines: string[]
  token: string
}

it.each(DETECTORS)(
  '%s: whatever modules and jobs do, at once and at random, is recorded as it was',
  async (_name, create) => {
    const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 32))
    const random = randomFrom(seed)
    const pick = <Item>(...items: Item[]): Item => items[Math.floor(random() * items.length)] as Item
    const database = await createTestDatabase()
    const folder = await mkdtemp(path.join(tmpdir(), 'chaos-test-'))
    const options = {
      batchSize: pick(1, 50, 1_000),
      retryDelay: 10,
      recordReads: random() < 0.3,
      maxJsonSize: 10_000,
      ...(random() < 0.5 ? { journalDir: folder } : {}),
    }
    const detector = create(database.url, { options })
    const query = async (sql: string): Promise<Any[]> =>
      (await database.pool.query(sql.replaceAll('obs.', `${SCHEMA}.`))).rows
    const truths: Truth[] = []
    let jobs = 0

    const jobOf = (truths: JobTruth[]): Any => {
      const n = jobs++
      const [waitMs, end, name] = [random() * 12, pick('ends', 'ends', 'throws', 'throws later'), pick('send', 'pack')]
      const truth: JobTruth = { n, name, status: 'completed', result: { n }, error: null, lines: [], token: '' }
      truths.push(truth)
      if (end !== 'ends') Object.assign(truth, { status: 'failed', result: null, error: `job ${n} broke` })
      const say = (line: string): void => {
        truth.lines.push(line)
        console.debug(line)
      }
      const work = (_event: string, payload: Any, options: Any): Any => {
        truth.token = trackingToken(payload, options, 'shop')
        say(`${n} begins`)
        if (end === 'throws') throw new Error(`job ${n} broke`)
        return sleep(waitMs).then(async () => {
          say(`${n} ends`)
          if (waitMs > 8) await Promise.resolve()
          if (end === 'throws later') throw new Error(`job ${n} broke`)
          return { n }
        })
      }
      return detector.job(work, { jobName: name, n })
    }

    const moduleOf = (name: string, truth: Truth): Any => {
      const says = pick('yes', 'yes', 'no', 'no', 'why', 'throws', 'throws later')
      const handles = pick('jobs', 'jobs', 'jobs', 'nothing', 'throws', 'jobs, then throws', 'one after the other')
      const [waitMs, count] = [random() * 6, Math.floor(random() * 4)]
      const event: Truth['events'][string] = { status: 'not_detected', reason: null, jobs: [] }
      truth.events[name] = event
      if (says === 'why') event.reason = `${truth.id} ${name}`
      if (says.startsWith('throws')) event.status = 'detection_failed'
      const list = says === 'yes' && handles !== 'nothing' && handles !== 'throws' ? count : 0
      const made = Array.from({ length: list }, () => jobOf(event.jobs))
      if (says === 'yes') {
        const isBroken = event.jobs.some(job => job.status === 'failed')
        event.status = handles.endsWith('throws') ? 'handler_failed' : isBroken ? 'failed' : 'completed'
      }
      return {
        name,
        async detector() {
          if (says === 'throws') throw new Error(`${name} cannot say`)
          await sleep(waitMs)
          if (says === 'throws later') throw new Error(`${name} cannot say`)
          return says === 'why' ? notDetected(event.reason as string) : says === 'yes'
        },
        async handler(eventName: string, payload: Any) {
          if (handles === 'throws') throw new Error(`${name} gives up`)
          if (handles === 'nothing') return undefined
          if (handles === 'one after the other') {
            const results = []
            for (const job of made) results.push(...((await detector.run(eventName, payload, [job])) ?? []))
            return results
          }
          const results = await detector.run(eventName, payload, made)
          if (handles === 'jobs, then throws') throw new Error(`${name} gives up`)
          return results
        },
      }
    }

    // A payload object may come again when it is done with.
    const free: Any[] = []
    const invoke = async (n: number): Promise<void> => {
      const id = `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`
      const correlation = pick(...CORRELATIONS)
      const truth: Truth = { id, correlation, status: 'completed', events: {} }
      truths.push(truth)
      const names = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + Math.floor(random() * 5))
      const eventModules = names.map(name => moduleOf(name, truth))
      if (Object.values(truth.events).some(event => event.status.endsWith('failed'))) truth.status = 'failed'
      const fresh = orderPlaced({ id })
      fresh.event.data.new = { id: n, updated_by: `shop|${correlation}` }
      const used = random() < 0.5 ? free.pop() : undefined
      const payload = used ? Object.assign(used, fresh) : fresh
      await detector.listenTo(payload, { eventModules })
      free.push(payload)
    }

    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < INVOCATIONS) await invoke(begun++)
    }
    const disturb = async (): Promise<void> => {
      for (let round = 0; begun < INVOCATIONS; round++) {
        await sleep(10)
        if (round % 3 === 0) {
          await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE '%plugin%'`)
        } else if (round % 3 === 1) {
          // Takes what runs for lost, because the plugin that began it has been shut down; its end says otherwise.
          await query(`CALL obs.run_maintenance('30 days', '90 days')`)
        } else {
          await detector.plugin.shutdown()
          await detector.plugin.initialize()
        }
      }
    }
    await Promise.all([disturb(), ...Array.from({ length: AT_ONCE }, worker)])
    await eventually(async () => {
      await detector.plugin.shutdown()
      expect(detector.plugin.getStatus(), `CHAOS_SEED=${seed}`).toMatchObject({ bufferedRows: 0, hookErrors: 0 })
      await detector.plugin.initialize()
    })
    expect(detector.plugin.getStatus()).toMatchObject({ quarantined: 0, dropped: { bufferFull: 0, refused: 0 } })

    const invocations = await query('SELECT * FROM obs.invocations ORDER BY source_event_id')
    const events = groupBy(await query('SELECT * FROM obs.event_executions'), row => row.invocation_id)
    const found = await query('SELECT * FROM obs.job_executions ORDER BY created_at, id')
    const byEvent = groupBy(found, row => row.event_execution_id)
    const lines = groupBy(
      await query(`SELECT * FROM obs.events WHERE event_source = 'console' ORDER BY id`),
      row => row.span_id,
    )
    const recorded = invocations.map(invocation => ({
      id: invocation.source_event_id,
      correlation: invocation.correlation_id,
      status: invocation.status,
      events: Object.fromEntries(
        (events.get(invocation.id) ?? []).map(event => [
          event.event_name,
          {
            status: event.status,
            reason: event.not_detected_reason,
            jobs: (byEvent.get(event.id) ?? [])
              .map(job => ({
                n: job.job_options.n,
                name: job.job_name,
                status: job.status,
                result: job.result,
                error: job.error_message,
                lines: (lines.get(job.span_id) ?? []).map(line => line.log_message),
                token: `shop|${invocation.correlation_id}|${job.id}`,
              }))
              .sort((a, b) => a.n - b.n),
          },
        ]),
      ),
    }))
    expect(recorded, `CHAOS_SEED=${seed}`).toEqual(truths.sort((a, b) => (a.id < b.id ? -1 : 1)))
    // Nothing besides, and sums that agree.
    expect(found).toHaveLength(jobs)
    const asked = truths.reduce((sum, truth) => sum + Object.keys(truth.events).length, 0)
    expect([...events.values()].flat()).toHaveLength(asked)
    for (const invocation of invocations) {
      const own = found.filter(job => job.invocation_id === invocation.id)
      expect(invocation).toMatchObject({
        total_jobs_run: own.length,
        total_jobs_succeeded: own.filter(job => job.status === 'completed').length,
        total_jobs_failed: own.filter(job => job.status === 'failed').length,
        events_detected_count: (events.get(invocation.id) ?? []).filter(event => event.detected).length,
      })
    }
    await detector.shutdown()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  },
)

function groupBy(rows: readonly Any[], key: (row: Any) => string): Map<string, Any[]> {
  const groups = new Map<string, Any[]>()
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row])
  return groups
}
