// A program with the OpenTelemetry SDK, told where to send by its environment alone. Prints the ids of what it sent.
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { logs, SeverityNumber } from '@opentelemetry/api-logs'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK({
  views: [
    {
      instrumentName: 'latency',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [15] } },
    },
    { instrumentName: 'sizes', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
  ],
})
sdk.start()

const tracer = trace.getTracer('checkout', '1.0.0')
const start: [number, number] = [1_795_252_800, 123_456_789]
const parent = tracer.startSpan('GET /orders/:id', {
  kind: SpanKind.SERVER,
  startTime: start,
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    flags: [true, false],
    zero: 0,
    ratio: 0.5,
  },
})
const inParent = trace.setSpan(context.active(), parent)
const child = tracer.startSpan(
  'SELECT',
  {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1' },
    links: [{ context: parent.spanContext(), attributes: { why: 'test' } }],
  },
  inParent,
)
child.recordException(new TypeError('no stock'))
child.addEvent('retry', { attempt: 2 })
child.setStatus({ code: SpanStatusCode.ERROR, message: 'no stock' })
child.end()
logs.getLogger('checkout').emit({
  severityNumber: SeverityNumber.WARN,
  severityText: 'WARN',
  body: 'stock is low',
  attributes: { sku: 'MUG', left: 0, nested: { a: [1, 'b'] } },
  context: inParent,
})
parent.setStatus({ code: SpanStatusCode.OK })
parent.end([start[0] + 1, start[1] + 500_000_000])

const meter = metrics.getMeter('checkout')
meter.createCounter('orders', { unit: '{order}' }).add(3, { kind: 'web' })
meter.createUpDownCounter('open').add(-2)
meter.createGauge('temperature').record(21.5)
const latency = meter.createHistogram('latency', { unit: 'ms' })
latency.record(10)
latency.record(20)
const sizes = meter.createHistogram('sizes')
for (const size of [1, 2, 4]) sizes.record(size)

await sdk.shutdown()
const { traceId, spanId } = parent.spanContext()
process.stdout.write(JSON.stringify({ traceId, parent: spanId, child: child.spanContext().spanId }))
