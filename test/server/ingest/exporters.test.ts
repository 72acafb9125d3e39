import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { storedEvents } from './support.ts'

const CHILD = fileURLToPath(new URL('opentelemetry-child.ts', import.meta.url))

describe('senders as they are', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ shop: false, shopDbUrl: null })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))

  it.each(['http/protobuf', 'http/json'])(
    'the OpenTelemetry SDK for Node: traces, logs and metrics over %s',
    async protocol => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD], {
        env: {
          ...process.env,
          OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
          OTEL_SERVICE_NAME: 'checkout',
          OTEL_RESOURCE_ATTRIBUTES: 'service.version=2.4.1,service.namespace=shop,deployment.environment.name=test',
          OTEL_NODE_RESOURCE_DETECTORS: 'env',
          OTEL_TRACES_EXPORTER: 'otlp',
          OTEL_LOGS_EXPORTER: 'otlp',
          OTEL_METRICS_EXPORTER: 'otlp',
        },
      })
      const sent = JSON.parse(stdout) as { traceId: string; parent: string; child: string }
      const origin = {
        ns: 'shop',
        service_name: 'checkout',
        service_version: '2.4.1',
        service_namespace: 'shop',
        event_source: 'otlp',
      }

      const traces = await storedEvents(server, `event_type = 'trace'`)
      expect(traces).toHaveLength(2)
      const parent = traces.find(row => row.span_id === sent.parent)
      const child = traces.find(row => row.span_id === sent.child)
      expect(parent).toMatchObject({
        ...origin,
        id: `span:${sent.traceId}:${sent.parent}`,
        trace_id: sent.traceId,
        event_name: 'GET /orders/:id',
        is_root: true,
        http_method: 'GET',
        http_status: 200,
        outcome: 'success',
        duration_ms: 1500,
        timestamp_ns: 1795252800123456800,
        attributes: { 'span.kind': 'server', flags: [true, false], zero: 0, ratio: 0.5 },
        context: { resource: { 'deployment.environment.name': 'test' }, scope: { name: 'checkout', version: '1.0.0' } },
      })
      expect(child).toMatchObject({
        ...origin,
        trace_id: sent.traceId,
        parent_id: sent.parent,
        is_root: false,
        outcome: 'error',
        error_type: 'TypeError',
        error_message: 'no stock',
        db_system: 'postgresql',
        db_statement: 'SELECT 1',
        attributes: { 'span.kind': 'client' },
      })
      expect(child?.error_stack).toContain('TypeError: no stock')
      expect(child?.data).toMatchObject({
        events: [{ name: 'exception' }, { name: 'retry', attributes: { attempt: 2 } }],
        links: [{ trace_id: sent.traceId, span_id: sent.parent, attributes: { why: 'test' } }],
      })

      const [log, ...otherLogs] = await storedEvents(server, `event_type = 'log'`)
      expect(otherLogs).toEqual([])
      expect(log).toMatchObject({
        ...origin,
        trace_id: sent.traceId,
        span_id: sent.parent,
        log_level: 'warn',
        log_level_num: 13,
        log_message: 'stock is low',
        log_logger: 'checkout',
        attributes: { sku: 'MUG', left: 0, nested: { a: [1, 'b'] } },
      })

      const metrics = await storedEvents(server, `event_type = 'metric'`)
      const named = (name: string) => metrics.filter(row => row.metric_name === name)
      expect(named('orders')).toMatchObject([
        {
          ...origin,
          metric_type: 'counter',
          metric_value: 3,
          metric_unit: '{order}',
          labels: { kind: 'web' },
          attributes: { 'metric.temporality': 'cumulative', 'metric.monotonic': true },
        },
      ])
      expect(named('open')).toMatchObject([{ metric_type: 'updowncounter', metric_value: -2 }])
      expect(named('temperature')).toMatchObject([{ metric_type: 'gauge', metric_value: 21.5 }])
      expect(named('latency')).toMatchObject([
        {
          metric_type: 'histogram',
          metric_count: 2,
          metric_sum: 30,
          metric_min: 10,
          metric_max: 20,
          metric_buckets: { bounds: [15], counts: [1, 1] },
        },
      ])
      expect(named('sizes')).toMatchObject([{ metric_type: 'exponential_histogram', metric_count: 3, metric_sum: 7 }])
    },
  )

  it('Segment’s client for Node, and each call twice is each once', async () => {
    const analytics = new Analytics({ writeKey: 'any', host: server.url, flushAt: 20, maxRetries: 0 })
    const failures: unknown[] = []
    analytics.on('error', error => failures.push(error))
    const timestamp = new Date('2026-11-21T10:00:00.250Z')
    const context = { ip: '203.0.113.77', locale: 'en-GB', page: { url: 'https://shop.example/?q=1', title: 'Home' } }
    for (let n = 0; n < 2; n++) {
      analytics.track({
        userId: 'u-1',
        event: 'Order Placed',
        properties: { total: 0 },
        messageId: 'm-1',
        timestamp,
        context,
      })
      analytics.identify({ userId: 'u-1', traits: { name: 'Ada' }, messageId: 'm-2', timestamp })
      analytics.page({
        anonymousId: 'a-1',
        name: 'Home',
        category: 'Shop',
        properties: { url: 'https://shop.example/' },
        messageId: 'm-3',
        timestamp,
      })
      analytics.screen({ userId: 'u-1', name: 'Cart', messageId: 'm-4', timestamp })
      analytics.group({ userId: 'u-1', groupId: 'g-1', traits: { name: 'Initech' }, messageId: 'm-5', timestamp })
      analytics.alias({ userId: 'u-1', previousId: 'a-1', messageId: 'm-6', timestamp })
    }
    await analytics.closeAndFlush()
    expect(failures).toEqual([])
    const rows = await storedEvents(server)
    expect(rows.map(row => [row.id, row.event_type, row.event_name])).toEqual([
      ['segment:m-1', 'track', 'Order Placed'],
      ['segment:m-2', 'track', 'identify'],
      ['segment:m-3', 'page', 'Shop.page_view'],
      ['segment:m-4', 'page', 'screen_view'],
      ['segment:m-5', 'track', 'group'],
      ['segment:m-6', 'track', 'alias'],
    ])
    expect(rows[0]).toMatchObject({
      timestamp: '2026-11-21T10:00:00.25+00:00',
      actor_id: 'u-1',
      properties: { total: 0 },
      http_url: 'https://shop.example/?q=1',
      http_query: 'q=1',
      page_title: 'Home',
      client_name: '@segment/analytics-node',
      context: { ip: '203.0.113.0', locale: 'en-GB' },
    })
    expect(rows[4]).toMatchObject({ resource_type: 'group', resource_id: 'g-1', resource_name: 'Initech' })
    expect(rows[5]).toMatchObject({ actor_id: 'u-1', data: { previous_id: 'a-1' } })
  })
})
