import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ObservabilityPlugin, type PluginOptions, trackingToken } from '../../plugin.ts'
import { job, listenTo, type NamedEventModule, PluginManager, run } from '../../src/detector/detector.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import { SpanExporter } from '../../src/otlp/exporter.ts'
import { toUnixNano } from '../../src/otlp/span.ts'
import type { Recorded } from '../../src/record/records.ts'
import { Collector, type ReceivedSpan } from '../support/collector.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows and payloads as they come.
type Any = any

const payload = (changes: object = {}, row: object = {}): Any => ({
  id: crypto.randomUUID(),
  created_at: '2026-01-02T03:04:05.678901',
  table: { schema: 'public', name: 'orders' },
  trigger: { name: 'orders' },
  delivery_info: { current_retry: 0, max_retries: 3 },
  event: {
    op: 'INSERT',
    data: { old: null, new: { id: 42, ...row } },
    session_variables: { 'x-hasura-role': 'clerk' },
    trace_context: null,
  },
  ...changes,
})

describe('spans of what was recorded', () => {
  let database: TestDatabase
  let collector: Collector
  let warnings: string[]
  const logger: Logger = {
    ...silentLogger,
    warn: (details, message) => warnings.push(`${message} ${JSON.stringify(details)}`),
  }

  beforeEach(async () => {
    database = await createTestDatabase()
    collector = await new Collector().start()
    warnings = []
  })
  afterEach(async () => {
    await collector.stop()
    await database.drop()
  })

  function start(changes: PluginOptions = {}): { plugin: ObservabilityPlugin; manager: PluginManager } {
    const plugin = new ObservabilityPlugin(
      {
        database: { connectionString: database.url },
        otlp: { endpoint: collector.url, serviceName: 'shop' },
        ...changes,
      },
      { logger },
    )
    const manager = new PluginManager()
    manager.register(plugin)
    return { plugin, manager }
  }
  const rowsOf = async (table: string): Promise<Any[]> =>
    (
      await database.pool.query(
        `SELECT *, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS began,
                to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ended
         FROM ${SCHEMA}.${table}`,
      )
    ).rows

  it('are those of the rows: ids, parents, times, status, links, exceptions', async () => {
    const { manager, plugin } = start({ otlp: { endpoint: `${collector.url}/`, headers: { 'x-key': 'k' } } })
    let token = ''
    const modules: NamedEventModule[] = [
      {
        name: 'orders.placed',
        detector: () => true,
        handler: (event, given) =>
          run(event, given, [
            job(
              async (_event, hasuraEvent, options) => {
                token ||= trackingToken(hasuraEvent, options, 'shop')
                await sleep(20)
              },
              { jobName: 'reserveStock' },
            ),
            job(
              async () => {
                throw new TypeError('no money')
              },
              { jobName: 'takeMoney' },
            ),
          ]),
      },
      { name: 'orders.never', detector: () => false, handler: async () => undefined as never },
      {
        name: 'orders.broken',
        detector: () => {
          throw new RangeError('cannot say')
        },
        handler: async () => undefined as never,
      },
      {
        name: 'orders.unhandled',
        detector: () => true,
        handler: async () => {
          throw new Error('cannot do')
        },
      },
    ]
    const call = (given: Any) =>
      listenTo(given, { pluginManager: manager, eventModules: modules, sourceFunction: 'orders' } as Any)
    await call(payload())
    await call(payload({}, { updated_by: token }))
    const trace = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' }
    const traced = payload({}, { updated_by: token })
    traced.event.trace_context = trace
    await call(traced)
    await manager.shutdown()

    expect(collector.mistakes).toEqual([])
    const tables = ['invocations', 'event_executions', 'job_executions'] as const
    const rows = (
      await Promise.all(tables.map(async table => (await rowsOf(table)).map(row => ({ ...row, table }))))
    ).flat()
    expect(rows).toHaveLength(3 + 12 + 6)
    expect(plugin.getStatus().otlp).toEqual({
      state: 'idle',
      queuedSpans: 0,
      exported: rows.length,
      retried: 0,
      rejected: 0,
      dropped: 0,
      lastError: null,
    })
    const spans = new Map(collector.accepted.map(span => [span.attributes['event_detector.id'], span]))
    expect(collector.accepted).toHaveLength(rows.length)
    for (const row of rows) {
      const span = spans.get(row.id) as ReceivedSpan
      const failed = ['failed', 'detection_failed', 'handler_failed'].includes(row.status)
      expect(span, row.id).toMatchObject({
        traceId: row.trace_id,
        spanId: row.span_id,
        name: row.job_name ?? row.event_name ?? row.source_function,
        kind: row.table === 'invocations' ? 5 : 1,
        startTimeUnixNano: toUnixNano(row.began),
        endTimeUnixNano: toUnixNano(row.ended),
        attributes: { 'event_detector.correlation_id': row.correlation_id, 'event_detector.status': row.status },
        resource: { 'service.name': 'hasura-event-detector', 'process.pid': process.pid },
      })
      expect(span.parentSpanId).toBe(row.parent_span_id ?? undefined)
      expect(span.status.code).toBe(failed ? 2 : undefined)
      expect(span.attributes['error.type']).toBe(failed ? row.status : undefined)
    }
    // Every parent is there, but for roots and for what Hasura itself traced.
    const ids = new Set(collector.accepted.map(span => `${span.spanId}`))
    const orphans = collector.accepted.filter(span => span.parentSpanId !== undefined && !ids.has(span.parentSpanId))
    expect(orphans).toEqual([])

    const reserve = rows.find(row => row.job_name === 'reserveStock' && token.includes(row.id))
    const children = rows.filter(row => row.source_job_id === reserve.id)
    expect(children).toHaveLength(2)
    for (const child of children) {
      expect(spans.get(child.id)?.links).toEqual([
        { traceId: reserve.trace_id, spanId: reserve.span_id, attributes: { 'event_detector.link': 'caused_by' } },
      ])
    }
    // Also where the child belongs to another trace.
    expect(children.map(child => child.trace_id === reserve.trace_id).sort()).toEqual([false, true])

    const first = collector.accepted.find(span => span.kind === 5)
    expect(first?.attributes).toMatchObject({
      'faas.trigger': 'datasource',
      'faas.document.collection': 'public.orders',
      'faas.document.operation': 'insert',
      'faas.document.name': '42',
      'db.system.name': 'postgresql',
      'db.collection.name': 'public.orders',
      'db.operation.name': 'INSERT',
      'messaging.system': 'hasura',
      'user.roles': ['clerk'],
    })
    const exceptions = (name: string) => collector.accepted.find(span => span.name === name)?.events
    expect(exceptions('takeMoney')).toMatchObject([
      {
        name: 'exception',
        attributes: {
          'exception.type': 'TypeError',
          'exception.message': 'no money',
          'exception.stacktrace': expect.stringContaining('TypeError: no money\n'),
        },
      },
    ])
    expect(exceptions('orders.broken')).toMatchObject([
      { attributes: { 'exception.type': 'RangeError', 'exception.message': 'cannot say' } },
    ])
    expect(exceptions('orders.unhandled')).toMatchObject([{ attributes: { 'exception.message': 'cannot do' } }])
    expect(exceptions('orders.never')).toEqual([])
    expect(collector.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-key': 'k' } })
  })

  it('are sent once, also for work that ends after its invocation did', async () => {
    const { manager } = start()
    const slow = job(() => sleep(120), { jobName: 'slow' })
    const modules = [
      { name: 'orders.placed', detector: () => true, handler: (event: Any, given: Any) => run(event, given, [slow]) },
    ]
    let remaining = 2_030
    const timer = setInterval(() => {
      remaining -= 20
    }, 10)
    const timeoutConfig = { getRemainingTimeInMillis: () => remaining, safetyMargin: 2_000 }
    await listenTo(payload(), { pluginManager: manager, eventModules: modules, timeoutConfig } as Any)
    clearInterval(timer)
    await manager.shutdown()
    await sleep(300)
    await manager.initialize()
    await manager.shutdown()
    expect((await rowsOf('invocations'))[0].status).toBe('timeout')
    const ids = collector.accepted.map(span => span.spanId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(collector.accepted.map(span => span.name)).toContain('orders')
  })

  it('hold up and break nothing while the collector is away', async () => {
    await collector.stop()
    const { manager, plugin } = start()
    const modules = [{ name: 'orders.never', detector: () => false, handler: async () => undefined as never }]
    for (let n = 0; n < 20; n++) await listenTo(payload(), { pluginManager: manager, eventModules: modules })
    await eventually(() => expect(plugin.getStatus().otlp?.state).toBe('resting'))
    expect(plugin.getStatus().otlp).toMatchObject({
      queuedSpans: 40,
      exported: 0,
      lastError: expect.stringMatching(/no collector at .*ECONNREFUSED/),
    })
    await eventually(async () => expect(await rowsOf('invocations')).toHaveLength(20))
    // It comes back, and nothing was lost.
    await collector.start()
    await eventually(() => expect(collector.accepted).toHaveLength(40))
    await eventually(() => expect(plugin.getStatus().otlp).toMatchObject({ exported: 40, dropped: 0, lastError: null }))
    expect(warnings).toEqual([expect.stringMatching(/^spans cannot be sent; they wait, and recording goes on/)])
    // Shutting down does not wait for one that is away for good.
    await collector.stop()
    await listenTo(payload(), { pluginManager: manager, eventModules: modules })
    await manager.shutdown()
    expect(plugin.getStatus()).toMatchObject({ otlp: { dropped: 2, queuedSpans: 0 }, hookErrors: 0 })
  })

  it('are sent and stored before a serverless function freezes that only its environment configures', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
    vi.stubEnv('OBSERVABILITY_ENABLED', 'true')
    vi.stubEnv('OBSERVABILITY_DB_URL', database.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_SERVICE_NAME', 'shop')
    const manager = new PluginManager().register(new ObservabilityPlugin({}, { logger }))
    vi.stubEnv('OBSERVABILITY_ENABLED', 'false')
    const disabled = new ObservabilityPlugin({}, { logger })
    vi.unstubAllEnvs()
    const modules = [{ name: 'orders.never', detector: () => false, handler: async () => undefined as never }]
    await listenTo(payload(), { pluginManager: manager, eventModules: modules })
    expect(collector.accepted.map(({ resource }) => resource['service.name'])).toEqual(['shop', 'shop'])
    expect(await rowsOf('invocations')).toMatchObject([{ status: 'completed' }])
    await manager.shutdown()
    expect([disabled.enabled, disabled.getStatus().enabled]).toEqual([false, false])
  })
})

describe('the exporter', () => {
  let collector: Collector
  let exporters: SpanExporter[]
  beforeEach(async () => {
    collector = await new Collector().start()
    exporters = []
  })
  afterEach(async () => {
    for (const exporter of exporters) exporter.stop()
    await collector.stop()
  })

  function create(changes: Partial<ConstructorParameters<typeof SpanExporter>[0]> = {}): SpanExporter {
    const exporter = new SpanExporter(
      {
        url: `${collector.url}/v1/traces`,
        headers: {},
        serviceName: 's',
        version: '1',
        maxQueuedSpans: 1_000,
        timeoutMs: 200,
        retryDelayMs: 20,
        ...changes,
      },
      silentLogger,
    )
    exporters.push(exporter)
    return exporter
  }
  let n = 0
  const ended = (): Recorded => {
    const id = `00000000-0000-7000-8000-${String(++n).padStart(12, '0')}`
    const at = '2026-01-02T03:04:05.678901Z'
    const hex = id.replaceAll('-', '')
    const row = {
      id,
      created_at: at,
      updated_at: at,
      ended_at: at,
      correlation_id: id,
      trace_id: hex,
      span_id: hex.slice(16),
    }
    return {
      table: 'job_executions',
      row: { ...row, parent_span_id: null, job_name: 'j', status: 'completed', error_message: null } as Any,
    }
  }

  it('tries again after silence, 503 and 429, when it is asked to', async () => {
    const exporter = create()
    collector.answers = [
      { silent: true },
      { status: 503 },
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': new Date(Date.now() + 4_000).toUTCString() } },
    ]
    exporter.observe(ended())
    await eventually(() => expect(collector.accepted).toHaveLength(1))
    expect(collector.requests).toHaveLength(5)
    const [, , third, fourth] = collector.requests.map(request => request.atMs)
    expect((fourth as number) - (third as number)).toBeGreaterThanOrEqual(950)
    await eventually(() =>
      expect(exporter.status).toMatchObject({ exported: 1, retried: 4, rejected: 0, dropped: 0, lastError: null }),
    )
  })

  it('gives up what a collector refuses, counts it, and goes on', async () => {
    const exporter = create()
    collector.answers = [
      { status: 400, body: 'bad span' },
      { body: '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}' },
    ]
    exporter.observe(ended())
    await exporter.flush(5_000)
    expect(exporter.status).toMatchObject({
      rejected: 1,
      exported: 0,
      lastError: expect.stringContaining('400: bad span'),
    })
    for (let count = 0; count < 5; count++) exporter.observe(ended())
    await exporter.flush(5_000)
    expect(exporter.status).toMatchObject({ rejected: 3, exported: 3, lastError: 'too old' })
    exporter.observe(ended())
    await exporter.flush(5_000)
    expect(exporter.status).toMatchObject({ exported: 4, retried: 0, lastError: null })
    expect(collector.requests.map(request => request.spans.length)).toEqual([1, 5, 1])
  })

  it('keeps at most so many spans, drops the oldest and counts them', async () => {
    await collector.stop()
    const exporter = create({ maxQueuedSpans: 100, retryDelayMs: 60_000 })
    const records = Array.from({ length: 1_000 }, ended)
    for (const record of records) exporter.observe(record)
    const { queuedSpans, dropped } = exporter.status
    expect(queuedSpans).toBeLessThanOrEqual(100)
    expect(queuedSpans + dropped).toBe(1_000)
    await collector.start()
    await exporter.flush(5_000)
    const newest = records.slice(-queuedSpans).map(record => record.row.span_id)
    expect(collector.accepted.map(span => span.spanId)).toEqual(newest)
    expect(exporter.status).toMatchObject({ exported: queuedSpans, queuedSpans: 0 })
  })

  it('sends large numbers in batches', async () => {
    const exporter = create({ maxQueuedSpans: 10_000 })
    for (let count = 0; count < 1_300; count++) exporter.observe(ended())
    await exporter.flush(10_000)
    expect(collector.requests.map(request => request.spans.length)).toEqual([512, 512, 276])
  })

  it('sends a row whose operation has the name of what every object inherits, and those beside it', async () => {
    const exporter = create()
    const odd = { ...ended(), table: 'invocations' } as Any
    Object.assign(odd.row, { source_function: 'orders', source_operation: 'constructor', source_job_id: null })
    for (const record of [ended(), odd]) exporter.observe(record)
    await exporter.flush(5_000)
    expect(exporter.status).toMatchObject({ exported: 2, rejected: 0 })
  })

  it('writes times to the nanosecond', () => {
    expect(toUnixNano('2026-11-21T10:20:30.123456Z')).toBe('1795256430123456000')
  })
})
