import path from 'node:path'
import { type PluginConfig, type PluginOptions, readPluginConfig } from './src/config.ts'
import { uuidv7 } from './src/correlation/uuid.ts'
import { BasePlugin } from './src/detector/detector.ts'
import { messageOf } from './src/errors.ts'
import { createLogger, type Logger } from './src/log.ts'
import { type ExporterStatus, SpanExporter } from './src/otlp/exporter.ts'
import { createClock } from './src/record/clock.ts'
import { captureConsole } from './src/record/console-capture.ts'
import type { JobResultLike } from './src/record/job-row.ts'
import { onNotDetected } from './src/record/not-detected.ts'
import { Recorder } from './src/record/recorder.ts'
import { Redactor } from './src/record/redact.ts'
import type { InvocationOptions } from './src/record/source.ts'
import { graphqlTransport } from './src/store/graphql/graphql-transport.ts'
import { Instance, VERSION } from './src/store/instance.ts'
import { postgresTransport } from './src/store/postgres-transport.ts'
import { RecordingStore, type StoreStatus } from './src/store/recording-store.ts'
import type { Transport } from './src/store/transport.ts'
import { SECOND } from './src/units.ts'

export type { PluginOptions } from './src/config.ts'
export { type CorrelationOptions, extractCorrelation } from './src/correlation/extract.ts'
export { trackingToken } from './src/correlation/job-token.ts'
export { formatTrackingToken, parseTrackingToken, type TrackingToken } from './src/correlation/tracking-token.ts'
export { notDetected } from './src/record/not-detected.ts'

export interface PluginStatus extends StoreStatus {
  name: string
  enabled: boolean
  schema: string
  transport: 'postgres' | 'graphql'
  durability: 'interval' | 'invocation'
  /** Hooks of ours that threw: a defect in this plugin, and rows that may be missing. */
  hookErrors: number
  /** Null without a collector. */
  otlp: ExporterStatus | null
}

// How long the host may be kept waiting at the end of an invocation, and at the very end.
const FLUSH_DEADLINE_MS = 5 * SECOND
// Of an invocation whose time is over: the platform ends it soon, whatever still waits.
const TIMED_OUT_DEADLINE_MS = SECOND
const SHUTDOWN_DEADLINE_MS = 5 * SECOND
const GOODBYE_DEADLINE_MS = SECOND

// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for any[] in the constructor of a class to extend.
type BasePluginClass = new (...args: any[]) => { name: unknown; enabled: boolean }

export interface PluginDependencies {
  /** @default a logger that writes warnings and errors to standard error */
  logger?: Logger
}

/**
 * The hooks of the plugin. Each resolves at once and never rejects; only flush and shutdown may take time, and in a serverless
 * function the end of an invocation that timed out.
 */
export interface RecordingPlugin {
  name: string
  enabled: boolean
  initialize(): Promise<void>
  onPreConfigure(payload: object, options?: InvocationOptions): Promise<ReturnType<Recorder['preConfigure']>>
  onInvocationStart(payload: object, options: InvocationOptions): Promise<void>
  onInvocationEnd(payload: object, response: unknown, durationMs: number): Promise<void>
  onEventDetectionStart(eventName: string, payload: object): Promise<void>
  onEventDetectionEnd(eventName: string, detected: boolean, payload: object, durationMs: number): Promise<void>
  onEventHandlerStart(eventName: string, payload: object): Promise<void>
  onEventHandlerEnd(eventName: string, results: unknown, payload: object, durationMs: number): Promise<void>
  onJobStart(jobName: string, jobOptions: unknown, eventName: string, payload: object): Promise<void>
  onJobEnd(
    jobName: string,
    result: JobResultLike,
    eventName: string,
    payload: object,
    durationMs: number,
    jobOptions?: unknown,
  ): Promise<void>
  onLog(level: string, message: string, data: unknown): Promise<void>
  onError(error: unknown, context: string, correlationId?: unknown, detail?: object): Promise<void>
  /** The detector calls this at the end of every invocation and waits for it. */
  flush(): Promise<void>
  /** Writes what is left, for at most 5 s, and closes the connections. The plugin may be initialised again. */
  shutdown(): Promise<void>
  /** What was recorded, written, retried and lost. Holds no secrets. */
  getStatus(): PluginStatus
}

/**
 * The plugin for a detector whose `register()` accepts only its own `BasePlugin`: hand that class in, register an
 * instance of what comes back. Our own detector's is exported ready-made as `ObservabilityPlugin`.
 */
export function createObservabilityPlugin<Base extends BasePluginClass>(
  Base: Base,
): new (
  options?: PluginOptions,
  dependencies?: PluginDependencies,
) => Omit<InstanceType<Base>, keyof RecordingPlugin> & RecordingPlugin {
  class ObservabilityPlugin extends Base implements RecordingPlugin {
    declare name: string
    readonly #config: PluginConfig
    readonly #logger: Logger
    readonly #transport: Transport
    readonly #store: RecordingStore
    readonly #instance: Instance
    readonly #recorder: Recorder
    readonly #exporter: SpanExporter | null
    #stopCapture: (() => void) | null = null
    #stopReasons: (() => void) | null = null
    #durability: PluginConfig['durability']
    #hookErrors = 0
    // Other hosts insist on a promise. Our detector takes undefined for "done", which spares it a wait for each hook.
    readonly #done = (
      Base.prototype instanceof BasePlugin || (Base as unknown) === BasePlugin ? undefined : DONE
    ) as Promise<void>

    // biome-ignore lint/suspicious/noExplicitAny: see BasePluginClass; the first argument is PluginOptions.
    constructor(...args: any[]) {
      const [options, dependencies] = args as [PluginOptions?, PluginDependencies?]
      const config = readPluginConfig(options ?? {})
      const logger = dependencies?.logger ?? createLogger('observability', 'warn')
      // The base class keeps and shows what it is given, so the password is not given.
      super({ enabled: config.enabled })
      // Explicit, because a minifier renames classes and the detector tells plugins apart by this name.
      this.name = 'ObservabilityPlugin'
      this.#config = config
      this.#durability = config.durability
      this.#logger = logger
      this.#transport = transportOf(config)
      this.#instance = new Instance({
        write: this.#transport.beat,
        logger,
        newId: uuidv7,
        isWorking: () => this.#recorder.isWorking,
      })
      this.#store = new RecordingStore(this.#instance.beatingWith(this.#transport.write), logger, {
        batchSize: config.batchSize,
        flushIntervalMs: config.flushIntervalMs,
        retryAttempts: config.retryAttempts,
        retryDelayMs: config.retryDelayMs,
        maxRows: config.maxBufferedRows,
        maxBytes: config.maxBufferedBytes,
        journal: config.enabled ? journalOptions(config) : null,
        packer: this.#transport.packer,
      })
      this.#exporter =
        config.enabled && config.otlp ? new SpanExporter({ ...config.otlp, version: VERSION }, logger) : null
      const followWork = config.captureConsole || config.recordReads
      this.#recorder = new Recorder(
        {
          captureJobOptions: config.captureJobOptions,
          captureHasuraPayload: config.captureHasuraPayload,
          captureErrorStacks: config.captureErrorStacks,
          followWork,
          recordReads: config.recordReads,
          correlation: config.correlation,
          limits: { maxBytes: config.maxJsonSize, maxDepth: config.maxJsonDepth },
          redactor: new Redactor(config.redact),
          maxLinesPerJob: config.maxLinesPerJob,
          instanceId: () => this.#instance.use(),
        },
        record => {
          this.#store.add(record)
          this.#exporter?.observe(record)
        },
        createClock(),
      )
      this.#dropUnneededHooks(followWork)
    }

    initialize(): Promise<void> {
      return this.#safely(() => {
        if (!this.#config.enabled) return
        this.#store.start()
        this.#exporter?.start()
        if (this.#config.captureConsole) {
          this.#stopCapture ??= captureConsole((level, message) => this.#recorder.output(level, message))
        }
        this.#stopReasons ??= onNotDetected((reason, facts) => this.#recorder.notDetected(reason, facts))
      })
    }

    onPreConfigure(payload: object, given?: InvocationOptions): Promise<ReturnType<Recorder['preConfigure']>> {
      let options: ReturnType<Recorder['preConfigure']>
      void this.#safely(() => {
        options = this.#recorder.preConfigure(payload, given)
      })
      return Promise.resolve(options)
    }

    onInvocationStart(payload: object, options: InvocationOptions): Promise<void> {
      if (this.#config.durabilityByHost && options?.timeoutConfig?.serverlessMode === true)
        this.#durability = 'invocation'
      return this.#safely(() => this.#recorder.startInvocation(payload, options ?? {}))
    }

    onInvocationEnd(payload: object, response: unknown, durationMs: number): Promise<void> {
      const done = this.#safely(() => this.#recorder.endInvocation(payload, response, durationMs))
      // The original host flushes before it tells that time is over, and not again: the end of this invocation and what
      // still runs are written now, or perhaps never.
      const isOver = this.#durability === 'invocation' && (response as { timedOut?: unknown } | null)?.timedOut === true
      return isOver ? this.#flushAll(TIMED_OUT_DEADLINE_MS) : done
    }

    onEventDetectionStart(eventName: string, payload: object): Promise<void> {
      return this.#safely(() => this.#recorder.startDetection(eventName, payload))
    }

    onEventDetectionEnd(eventName: string, detected: boolean, payload: object, durationMs: number): Promise<void> {
      return this.#safely(() => this.#recorder.endDetection(eventName, detected, payload, durationMs))
    }

    onEventHandlerStart(eventName: string, payload: object): Promise<void> {
      return this.#safely(() => this.#recorder.startHandler(eventName, payload))
    }

    onEventHandlerEnd(eventName: string, _results: unknown, payload: object, durationMs: number): Promise<void> {
      return this.#safely(() => this.#recorder.endHandler(eventName, payload, durationMs))
    }

    onJobStart(jobName: string, jobOptions: unknown, eventName: string, payload: object): Promise<void> {
      return this.#safely(() => this.#recorder.startJob(jobName, jobOptions, eventName, payload))
    }

    onJobEnd(
      jobName: string,
      result: JobResultLike,
      eventName: string,
      payload: object,
      durationMs: number,
      jobOptions?: unknown,
    ): Promise<void> {
      return this.#safely(() => this.#recorder.endJob(jobName, result, eventName, payload, durationMs, jobOptions))
    }

    onLog(level: string, message: string, data: unknown): Promise<void> {
      return this.#safely(() => this.#recorder.log(level, message, data))
    }

    onError(error: unknown, context: string, _correlationId?: unknown, detail?: object): Promise<void> {
      return this.#safely(() => this.#recorder.error(error, context, detail))
    }

    flush(): Promise<void> {
      return this.#durability === 'invocation' ? this.#flushAll(FLUSH_DEADLINE_MS) : this.#done
    }

    async #flushAll(deadlineMs: number): Promise<void> {
      await Promise.all([this.#store.flush(deadlineMs), this.#exporter?.flush(deadlineMs)])
    }

    async shutdown(): Promise<void> {
      await this.#flushAll(SHUTDOWN_DEADLINE_MS)
      this.#exporter?.stop()
      await this.#store.stop()
      await within(GOODBYE_DEADLINE_MS, this.#instance.end())
      this.#stopCapture?.()
      this.#stopCapture = null
      this.#stopReasons?.()
      this.#stopReasons = null
      await this.#transport.close().catch(error => {
        this.#logger.warn({ error: messageOf(error) }, 'closing the connections to the observability database failed')
      })
    }

    getStatus(): PluginStatus {
      return {
        name: 'ObservabilityPlugin',
        enabled: this.enabled,
        schema: this.#config.schema,
        transport: this.#config.transport,
        durability: this.#durability,
        hookErrors: this.#hookErrors,
        otlp: this.#exporter?.status ?? null,
        ...this.#store.status,
      }
    }

    // Hosts call no hook that is not there, which spares them a chain of promises for each.
    #dropUnneededHooks(followWork: boolean): void {
      const { onLog } = this
      // A class that extends this one may want every line.
      if (onLog !== ObservabilityPlugin.prototype.onLog) return
      const own = { configurable: true, writable: true }
      // Lines find their job by following its work.
      if (!followWork) Object.defineProperty(this, 'onLog', { ...own, value: undefined })
      if (!followWork || this.#done !== DONE) return
      // The original host tells of 59 lines of its own in each invocation, and looks for the hook each time: it finds one where
      // lines count. Our detector tells the lines of event modules and jobs only, and prints those that nobody takes.
      Object.defineProperty(this, 'onLog', {
        get: () => (this.#recorder.takesLines ? onLog : undefined),
        // As of any hook, an application may put its own there.
        set: value => Object.defineProperty(this, 'onLog', { ...own, value }),
        configurable: true,
      })
    }

    // The one place where errors of ours stop on their way to the host, which must go on as if we were not there.
    // Hooks run synchronously: AsyncLocalStorage must be entered in the caller's own frame.
    #safely(hook: () => void): Promise<void> {
      try {
        hook()
      } catch (error) {
        if (this.#hookErrors++ === 0) {
          this.#logger.error(
            { error: messageOf(error) },
            'recording failed; the application goes on, rows may be missing',
          )
        }
      }
      return this.#done
    }
  }
  return ObservabilityPlugin as unknown as ReturnType<typeof createObservabilityPlugin<Base>>
}

function transportOf({ graphql, connectionString, maxConnections, ssl, schema }: PluginConfig): Transport {
  if (graphql !== null) return graphqlTransport(graphql)
  return postgresTransport({ connectionString: connectionString ?? '', maxConnections, ssl, schema })
}

// A folder for each place to write to, so that no process adopts rows that belong elsewhere.
function journalOptions({
  journalDir,
  journalMaxBytes,
  journalFsync,
  connectionString,
  schema,
  graphql,
}: PluginConfig) {
  if (journalDir === null) return null
  const place =
    graphql === null
      ? `${new URL(connectionString ?? '').pathname.slice(1)}.${schema}`
      : `${graphql.url.replace(/^https?:\/\//, '')}.${graphql.prefix}`
  return {
    directory: path.resolve(journalDir, place.replaceAll(/[^\w.%-]/g, '_')),
    maxBytes: journalMaxBytes,
    fsync: journalFsync,
  }
}

const DONE: Promise<void> = Promise.resolve()

async function within(deadlineMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>(resolve => {
    timer = setTimeout(resolve, deadlineMs)
  })
  await Promise.race([work, deadline])
  clearTimeout(timer)
}

/** The plugin for the detector of this package: `pluginManager.register(new ObservabilityPlugin({ … }))`. */
export class ObservabilityPlugin extends createObservabilityPlugin(BasePlugin) {}
