import { type Context, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { BasePlugin, HasuraEventPayload, JobResult } from '../../../src/detector/detector.ts'

/** Takes spans and forgets them: the cost of making and batching them, without that of sending. */
export class ForgettingExporter implements SpanExporter {
  export(_spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    done({ code: 0 })
  }

  async shutdown(): Promise<void> {}
}

interface Open {
  span: Span
  context: Context
}

interface OpenEvent extends Open {
  /** By their names: not all hosts tell more at their end. */
  jobs: Map<string, Span>
}

export interface SpanPlugin {
  /** Exports what waits, so that its cost is counted with the invocations that left it. */
  forceFlush(): Promise<void>
}

/** What a team would write with OpenTelemetry: the same spans, one for each invocation, detection and job. */
export function createOpenTelemetryPlugin(Base: typeof BasePlugin, exporter: SpanExporter): BasePlugin & SpanPlugin {
  class OpenTelemetryPlugin extends Base implements SpanPlugin {
    readonly #provider: NodeTracerProvider
    readonly #tracer: Tracer
    readonly #invocations = new WeakMap<object, Open & { events: Map<string, OpenEvent> }>()

    constructor() {
      super()
      this.#provider = new NodeTracerProvider({
        // The queue is large enough to lose no span: what is dropped costs nothing.
        spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: 1_000_000, maxExportBatchSize: 512 })],
      })
      this.#tracer = this.#provider.getTracer('bench')
    }

    override async onInvocationStart(payload: HasuraEventPayload): Promise<void> {
      const span = this.#tracer.startSpan('invocation', {
        attributes: {
          table: payload.table?.name ?? '',
          op: payload.event.op,
          correlation: payload.__correlationId ?? '',
          payload: JSON.stringify(payload.event),
        },
      })
      this.#invocations.set(payload, { span, context: trace.setSpan(context.active(), span), events: new Map() })
    }

    override async onEventDetectionStart(event: string, payload: HasuraEventPayload): Promise<void> {
      const invocation = this.#invocations.get(payload)
      if (!invocation) return
      const span = this.#tracer.startSpan(event, {}, invocation.context)
      invocation.events.set(event, { span, context: trace.setSpan(invocation.context, span), jobs: new Map() })
    }

    override async onEventDetectionEnd(event: string, detected: boolean, payload: HasuraEventPayload): Promise<void> {
      const span = this.#invocations.get(payload)?.events.get(event)?.span
      span?.setAttribute('detected', detected)
      if (!detected) span?.end()
    }

    override async onEventHandlerEnd(event: string, _results: JobResult[], payload: HasuraEventPayload): Promise<void> {
      this.#invocations.get(payload)?.events.get(event)?.span.end()
    }

    override async onJobStart(
      name: string,
      _options: object,
      event: string,
      payload: HasuraEventPayload,
    ): Promise<void> {
      const parent = this.#invocations.get(payload)?.events.get(event)
      parent?.jobs.set(name, this.#tracer.startSpan(name, {}, parent.context))
    }

    override async onJobEnd(...args: Parameters<NonNullable<BasePlugin['onJobEnd']>>): Promise<void> {
      const [name, result, event, payload] = args
      const span = this.#invocations.get(payload)?.events.get(event)?.jobs.get(name)
      if (result.error) {
        span?.recordException(result.error)
        span?.setStatus({ code: SpanStatusCode.ERROR, message: result.error.message })
      } else {
        span?.setAttribute('result', JSON.stringify(result.result) ?? '')
      }
      span?.end()
    }

    override async onInvocationEnd(payload: HasuraEventPayload): Promise<void> {
      this.#invocations.get(payload)?.span.end()
    }

    forceFlush(): Promise<void> {
      return this.#provider.forceFlush()
    }

    override async shutdown(): Promise<void> {
      await this.#provider.shutdown()
    }
  }
  return new OpenTelemetryPlugin()
}
