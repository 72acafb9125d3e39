// Events stored per second through the server (OTLP in protobuf, and lines of JSON) over raw COPY of the same rows, in the
// text format, into the same table. Server, Postgres and sender share one machine; the server is a process of its own.
// Also: how many were accepted while Postgres was away (journaled), and the server's memory.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyFrom } from '../../src/db/copy-from.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { createPool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { silentLogger } from '../../src/log.ts'
import { otlpBytes } from '../event/otlp-bytes.ts'
import { copyText } from '../support/copy-text.ts'
import { type Measure, median, report } from './support/report.ts'

const ROUNDS = 3
const REQUESTS = 20
const EVENTS_PER_REQUEST = 500
const CONCURRENCY = 4
const SCHEMA = 'event_detector_observability'

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-ingest-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
await postgres.ensureDatabase('bench')
const url = postgres.connectionString('bench')
const child = fork(fileURLToPath(new URL('support/ingest-child.ts', import.meta.url)), [url, dataDir], {
  execArgv: ['--import', 'tsx'],
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
})
const server = await new Promise<string>((resolve, reject) => {
  child.once('message', message => resolve(message as string))
  child.once('exit', code => reject(new Error(`the server ended with ${code}`)))
})
const memory = (): Promise<number> =>
  new Promise(resolve => {
    child.once('message', bytes => resolve(bytes as number))
    child.send('memory')
  })
const pool = createPool({ connectionString: url, max: 1 })

let made = 0
const hex = (n: number, length: number): string => n.toString(16).padStart(length, '0')
const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
})
const resource = {
  attributes: [
    ...[attribute('service.name', 'checkout'), attribute('service.version', '2.4.1'), attribute('host.name', 'node-1')],
    ...[attribute('k8s.pod.name', 'checkout-7'), attribute('telemetry.sdk.language', 'nodejs')],
  ],
}

/** A request of spans as web services send them, with 10 attributes each. */
function otlpRequest(): Uint8Array {
  const spans = Array.from({ length: EVENTS_PER_REQUEST }, () => {
    const n = ++made
    const start = BigInt(Date.now()) * 1_000_000n + BigInt(n % 1_000_000)
    return {
      resource,
      scope: { name: 'http' },
      item: {
        traceId: hex(n, 32),
        spanId: hex(n, 16),
        parentSpanId: hex(n + 1, 16),
        name: 'GET /orders/:id',
        kind: 2,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + 42_000_000n),
        attributes: [
          ...[
            attribute('http.request.method', 'GET'),
            attribute('url.full', `https://shop.example/orders/${n}?full=1`),
          ],
          ...[
            attribute('http.response.status_code', 200),
            attribute('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'),
          ],
          ...[
            attribute('session.id', `s-${n % 1_000}`),
            attribute('user.id', `u-${n % 5_000}`),
            attribute('order.items', n % 9),
          ],
          ...[attribute('client.address', '203.0.113.7'), attribute('cache', 'miss'), attribute('region', 'eu-west-1')],
        ],
        status: { code: 1 },
      },
    }
  })
  return otlpBytes('traces', ...spans)
}

/** Lines of events with some twenty columns each. */
function lines(): Uint8Array {
  const events = Array.from({ length: EVENTS_PER_REQUEST }, () => {
    const n = ++made
    return JSON.stringify({
      ...{
        id: `b-${n}`,
        event_type: 'trace',
        event_name: 'GET /orders/:id',
        ns: 'shop',
        timestamp: new Date().toISOString(),
      },
      ...{
        trace_id: hex(n, 32),
        span_id: hex(n, 16),
        parent_id: hex(n + 1, 16),
        service_name: 'checkout',
        duration_ms: 42.5,
      },
      ...{
        http_method: 'GET',
        http_url: `https://shop.example/orders/${n}?full=1`,
        http_status: 200,
        outcome: 'success',
      },
      ...{
        http_user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
        session_id: `s-${n % 1_000}`,
        actor_id: `u-${n % 5_000}`,
      },
      ...{ attributes: { items: n % 9, cache: 'miss', region: 'eu-west-1' }, data: { coupon: null, total: 4_200 } },
    })
  })
  return Buffer.from(events.join('\n'))
}

interface Form {
  path: string
  type: string
  make: () => Uint8Array
}
const FORMS: Record<'otlp' | 'lines', Form> = {
  otlp: { path: '/v1/traces', type: 'application/x-protobuf', make: otlpRequest },
  lines: { path: '/api/broadcast', type: 'application/x-ndjson', make: lines },
}

/** Events per second until all requests were answered. */
async function send({ path: where, type }: Form, bodies: Uint8Array[]): Promise<number> {
  let next = 0
  const started = performance.now()
  const sender = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const response = await fetch(server + where, {
        method: 'POST',
        body: body as unknown as string,
        headers: { 'content-type': type },
      })
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      await response.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, sender))
  return (bodies.length * EVENTS_PER_REQUEST) / ((performance.now() - started) / 1_000)
}

/** The rows that are in the table now, as COPY text made beforehand, into the same table once it is empty again. */
async function rawCopy(): Promise<number> {
  const { rows } = await pool.query(`SELECT * FROM (SELECT * FROM ${SCHEMA}.events) e`)
  const columns = Object.keys(rows[0]).filter(column => rows.some(row => row[column] !== null))
  const { rows: texts } = await pool.query(`SELECT ${columns.map(column => `"${column}"::text`)} FROM ${SCHEMA}.events`)
  await pool.query(`TRUNCATE ${SCHEMA}.events`)
  const sql = `COPY ${SCHEMA}.events (${columns.map(column => `"${column}"`)}) FROM STDIN`
  const batches: { sql: string; chunks: Uint8Array[] }[] = []
  for (let at = 0; at < texts.length; at += 8_000)
    batches.push({ sql, chunks: [copyText(columns, texts.slice(at, at + 8_000))] })
  const started = performance.now()
  await withClient(pool, async client => {
    for (const batch of batches) await copyFrom(client, [batch])
  })
  return texts.length / ((performance.now() - started) / 1_000)
}

const rates = { otlp: [] as number[], lines: [] as number[], otlpRaw: [] as number[], linesRaw: [] as number[] }
const memories: number[] = []
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of ['otlp', 'lines'] as const) {
    const bodies = Array.from({ length: REQUESTS }, FORMS[name].make)
    await pool.query(`TRUNCATE ${SCHEMA}.events`)
    const rate = await send(FORMS[name], bodies)
    const { rows } = await pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.events`)
    if (rows[0].n !== REQUESTS * EVENTS_PER_REQUEST) throw new Error(`${rows[0].n} events are stored`)
    const raw = await rawCopy()
    if (round === 0) continue // Warms up.
    rates[name].push(rate)
    rates[`${name}Raw`].push(raw)
    memories.push(await memory())
  }
}
await pool.query(`ALTER TABLE ${SCHEMA}.events RENAME TO gone`)
const journaled = await send(FORMS.otlp, Array.from({ length: REQUESTS }, otlpRequest))
await pool.query(`ALTER TABLE ${SCHEMA}.gone RENAME TO events`)
await pool.end()
child.kill()
await new Promise(resolve => child.once('exit', resolve))
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

const measures = (['otlp', 'lines'] as const).map((name): Measure => {
  const value = median(rates[name])
  const baselineValue = median(rates[`${name}Raw`])
  return {
    bench: 'ingest',
    measure: `events stored, ${name === 'otlp' ? 'OTLP in protobuf' : 'lines of JSON'}`,
    value,
    unit: 'events/s',
    baseline: 'raw COPY of the same rows',
    baselineValue,
    ratio: value / baselineValue,
    target: '>= 0.5',
    holds: value / baselineValue >= 0.5,
  }
})
const raw = median(rates.otlpRaw)
const reported = { bench: 'ingest', target: null, holds: null }
report([
  ...measures,
  {
    ...reported,
    measure: 'events accepted into the journal',
    value: journaled,
    unit: 'events/s',
    baseline: 'raw COPY',
    baselineValue: raw,
    ratio: journaled / raw,
  },
  {
    ...reported,
    measure: 'memory of the server, highest',
    value: Math.max(...memories) / 2 ** 20,
    unit: 'MiB',
    baseline: 'after the first round',
    baselineValue: (memories[0] as number) / 2 ** 20,
    ratio: Math.max(...memories) / (memories[0] as number),
  },
])
