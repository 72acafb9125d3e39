// Events stored per second through the server (OTLP in protobuf, and lines of JSON) over raw COPY of the same rows, as text
// or binary, whichever is faster, into the same table. Server, Postgres and sender share one machine and are processes of
// their own; the server is compiled, as users run it. Also: the server's CPU time and memory, and how many events were
// accepted while Postgres was away (journaled). `--minutes=10` adds a run at 80 % of the rate of spans: memory, and nothing lost.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { BenchProcess, compileSupport } from './support/bench-process.ts'
import { EVENTS_PER_REQUEST, type Load, lines, spans } from './support/event-load.ts'
import type { ServerUsage } from './support/ingest-child.ts'
import { rawCopy } from './support/raw-copy.ts'
import { type Measure, median, report } from './support/report.ts'
import { type SendResult, sendRequests } from './support/send-requests.ts'

const option = (name: string): string | undefined =>
  process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
const ROUNDS = Number(option('rounds') ?? 5)
const REQUESTS = 40
const CONCURRENCY = 8
const MINUTES = Number(option('minutes') ?? 0)
const SCHEMA = 'event_detector_observability'
const MIB = 2 ** 20

compileSupport()
const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-ingest-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
await postgres.ensureDatabase('bench')
const url = postgres.connectionString('bench')
const profile = option('profile')
const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
const server = await BenchProcess.start('ingest-child', [url, dataDir], flags)
const usage = (): Promise<ServerUsage> => server.ask({}) as Promise<ServerUsage>
const pool = createPool({ connectionString: url, max: 1 })

const send = (load: Load, requests: number): Promise<SendResult> => {
  // Made beforehand: only sending is measured.
  const bodies = Array.from({ length: requests }, () => load.next())
  return sendRequests(`${server.greeting}${load.path}`, load.type, CONCURRENCY, () => bodies.pop() ?? null)
}
const storedRows = async (): Promise<number> => {
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${SCHEMA}.events`)
  return rows[0]?.n ?? 0
}

const loads = { otlp: spans(), lines: lines() }
const kinds = ['otlp', 'lines'] as const
const each = <T>(make: () => T): Record<(typeof kinds)[number], T> => ({ otlp: make(), lines: make() })
const rates = each(() => [] as number[])
const cpu = each(() => [] as number[])
const raw = each(() => ({ text: [] as number[], binary: [] as number[] }))
const retried = new Map<string, number>()
const latencies: number[] = []
const memories: number[] = []
for (let round = 0; round <= ROUNDS; round++) {
  for (const kind of kinds) {
    await pool.query(`TRUNCATE ${SCHEMA}.events`)
    const before = await usage()
    const result = await send(loads[kind], REQUESTS)
    const after = await usage()
    const sent = REQUESTS * EVENTS_PER_REQUEST
    const stored = await storedRows()
    if (stored !== sent) throw new Error(`${stored} of ${sent} events are stored`)
    const text = await rawCopy(pool, SCHEMA, 'text')
    const binary = await rawCopy(pool, SCHEMA, 'binary')
    for (const [why, times] of result.retried) retried.set(why, (retried.get(why) ?? 0) + times)
    if (round === 0) continue // Warms up.
    rates[kind].push(sent / result.seconds)
    cpu[kind].push((after.cpuMicros - before.cpuMicros) / sent)
    raw[kind].text.push(text.rate)
    raw[kind].binary.push(binary.rate)
    latencies.push(...result.latencies)
    memories.push(after.rss)
  }
}
await pool.query(`TRUNCATE ${SCHEMA}.events; ALTER TABLE ${SCHEMA}.events RENAME TO gone`)
const away = await send(loads.otlp, REQUESTS)
await pool.query(`ALTER TABLE ${SCHEMA}.gone RENAME TO events`)
const journaled = (REQUESTS * EVENTS_PER_REQUEST) / away.seconds
await untilStored(REQUESTS * EVENTS_PER_REQUEST)
const sustained = MINUTES > 0 ? await sustain(0.8 * median(rates.otlp), MINUTES) : []

await pool.end()
await server.stop()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

const baselineOf = (kind: (typeof kinds)[number]): number => Math.max(median(raw[kind].text), median(raw[kind].binary))
const reported = { bench: 'ingest', target: null, holds: null }
const names = { otlp: 'OTLP in protobuf', lines: 'lines of JSON' }
latencies.sort((a, b) => a - b)
const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0
report([
  ...kinds.map((kind): Measure => {
    const value = median(rates[kind])
    const baselineValue = baselineOf(kind)
    const ratio = value / baselineValue
    const faster = baselineValue === median(raw[kind].text) ? 'text' : 'binary'
    return {
      bench: 'ingest',
      measure: `events stored, ${names[kind]}`,
      value,
      unit: 'events/s',
      baseline: `raw COPY of the same rows, ${faster}`,
      baselineValue,
      ratio,
      target: '>= 0.5',
      holds: ratio >= 0.5,
    }
  }),
  ...kinds.map((kind): Measure => {
    const value = median(cpu[kind])
    const baselineValue = 1e6 / baselineOf(kind)
    return {
      ...reported,
      measure: `CPU time of the server, ${names[kind]}`,
      value,
      unit: 'µs an event',
      baseline: 'time of raw COPY',
      baselineValue,
      ratio: value / baselineValue,
    }
  }),
  {
    ...reported,
    measure: 'time to the answer, 99th percentile',
    value: p99,
    unit: 'ms',
    baseline: 'median',
    baselineValue: median(latencies),
    ratio: p99 / median(latencies),
  },
  {
    ...reported,
    measure: 'events accepted into the journal',
    value: journaled,
    unit: 'events/s',
    baseline: 'raw COPY',
    baselineValue: baselineOf('otlp'),
    ratio: journaled / baselineOf('otlp'),
  },
  {
    ...reported,
    measure: 'memory of the server, highest',
    value: Math.max(...memories) / MIB,
    unit: 'MiB',
    baseline: 'after the first round',
    baselineValue: (memories[0] as number) / MIB,
    ratio: Math.max(...memories) / (memories[0] as number),
  },
  ...sustained,
])
for (const [why, times] of retried) console.error(`sent again: ${times} × ${why}`)

/** Events that were journaled come when the server has noticed that the database is back. */
async function untilStored(events: number): Promise<void> {
  const end = performance.now() + 60_000
  for (let stored = await storedRows(); stored !== events; stored = await storedRows()) {
    if (performance.now() > end) throw new Error(`${stored} of ${events} journaled events are stored`)
    await sleep(200)
  }
}

/** Spans at a steady rate. What is stored in the end is counted by the ids that were sent. */
async function sustain(rate: number, minutes: number): Promise<Measure[]> {
  await pool.query(`TRUNCATE ${SCHEMA}.events`)
  const started = performance.now()
  const end = started + minutes * 60_000
  const samples: number[] = []
  let requests = 0
  const sampling = setInterval(() => void usage().then(({ rss }) => samples.push(rss)), 5_000)
  const marks = new Set<string>()
  const result = await sendRequests(`${server.greeting}${loads.otlp.path}`, loads.otlp.type, CONCURRENCY, async () => {
    const at = started + (requests++ * EVENTS_PER_REQUEST * 1_000) / rate
    if (at >= end) return null
    await sleep(at - performance.now())
    const body = loads.otlp.next()
    // Of each request one trace id is looked for by itself, and all are counted.
    marks.add(loads.otlp.mark(body))
    return body
  })
  clearInterval(sampling)
  const sent = marks.size * EVENTS_PER_REQUEST
  const stored = await storedRows()
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${SCHEMA}.events WHERE trace_id = ANY ($1)`,
    [[...marks]],
  )
  for (const [why, times] of result.retried) retried.set(why, (retried.get(why) ?? 0) + times)
  const third = Math.max(1, Math.floor(samples.length / 3))
  const early = median(samples.slice(third, 2 * third))
  const late = median(samples.slice(-third))
  return [
    {
      bench: 'ingest',
      measure: `events stored in ${minutes} minutes at 80 %`,
      value: stored,
      unit: 'events',
      baseline: 'sent',
      baselineValue: sent,
      ratio: stored / sent,
      target: 'all',
      holds: stored === sent && rows[0]?.n === marks.size,
    },
    {
      bench: 'ingest',
      measure: `rate over ${minutes} minutes`,
      value: stored / result.seconds,
      unit: 'events/s',
      baseline: 'wanted',
      baselineValue: rate,
      ratio: stored / result.seconds / rate,
      target: '>= 0.98',
      holds: stored / result.seconds >= 0.98 * rate,
    },
    {
      bench: 'ingest',
      measure: 'memory of the server in the last third',
      value: late / MIB,
      unit: 'MiB',
      baseline: 'in the second third',
      baselineValue: early / MIB,
      ratio: late / early,
      target: '<= 1.1',
      holds: late / early <= 1.1,
    },
  ]
}
