import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { type Any, createRun, getJobLogger, type HostJobResult, job } from './jobs.ts'
import { HostLogger } from './logger.ts'
import { createPluginClasses } from './plugins.ts'
import { startTimeout } from './timeout.ts'

export interface HostModule {
  name: string
  detector(event: string, hasuraEvent: Any): unknown
  handler(event: string, hasuraEvent: Any): unknown
}

export interface HostOptions {
  eventModules?: HostModule[]
  context?: Record<string, unknown>
  correlationId?: string
  logToConsole?: boolean
  timeoutConfig?: {
    enabled?: boolean
    getRemainingTimeInMillis?: () => number
    serverlessMode?: boolean
    safetyMargin?: number
    maxExecutionTime?: number
  }
  [option: string]: unknown
}

export interface HostResponse {
  events: { name: string; detected: boolean; jobs: HostJobResult[] }[]
  durationMs: number
  timedOut?: true
  error?: Error
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * A copy of the original host, hopdrive/hasura-event-detector 2.3.6, as plugins see it: its hooks, their order and
 * arguments, and its quirks. Written from observations of it; event modules come as objects only.
 */
export function createHost(settings: { pollMs?: number; onPrint?: (line: string) => void } = {}) {
  const { pollMs = 500, onPrint } = settings
  const logger = new HostLogger(onPrint)
  const { BasePlugin, PluginManager } = createPluginClasses(logger)
  const pluginManager = new PluginManager()
  const run = createRun(pluginManager, logger)

  async function listenTo(hasuraEvent: Any, options: HostOptions = {}): Promise<HostResponse> {
    const startedAt = Date.now()
    if (options.logToConsole !== undefined) logger.toConsole = options.logToConsole
    const nothing = (): HostResponse => ({ events: [], durationMs: Date.now() - startedAt })
    if (!isHasuraEvent(hasuraEvent)) return nothing()
    const timeout = startTimeout(options.timeoutConfig, pollMs)
    try {
      if (!pluginManager.initialized) {
        await pluginManager.initialize()
        logger.connect(pluginManager)
      }
      const configured = (await pluginManager.preConfigure(hasuraEvent, options)) as HostOptions
      const resolved = {
        ...configured,
        eventModulesDirectory: resolve(String(configured.eventModulesDirectory ?? 'events')),
        listenedEvents: [],
        autoLoadEventModules: configured.autoLoadEventModules !== false,
        loadModulesFromIndex: configured.loadModulesFromIndex === true,
      }
      // Quirk: on the caller's own object, whatever it is.
      hasuraEvent.__context = configured.context ?? {}
      hasuraEvent.__correlationId = UUID.test(String(configured.correlationId))
        ? configured.correlationId
        : randomUUID()
      logger.chatter('listenTo', 'start', 'options resolved', 'correlation id set', 'plugins ready')
      await pluginManager.hook('onInvocationStart', hasuraEvent, resolved)

      const modules = configured.eventModules ?? []
      if (modules.length === 0) {
        logger.write({ level: 'error', prefix: 'listenTo', message: 'No event modules found', args: [] })
        await pluginManager.shutdown()
        return nothing()
      }
      if (timeout) hasuraEvent.__abortSignal = timeout.signal
      const processing = answer(hasuraEvent, modules, configured, startedAt)
      if (!timeout) return await processing
      processing.catch(() => {})
      const outcome = await Promise.race([processing, timeout.near])
      if (!(outcome instanceof Error)) return outcome
      await pluginManager.flush()
      // The original takes longer for this than jobs that obey their signal take to end.
      await new Promise(setImmediate)
      const response: HostResponse = { ...nothing(), timedOut: true, error: outcome }
      await pluginManager.hook('onInvocationEnd', hasuraEvent, response, response.durationMs)
      return response
    } catch (error) {
      await pluginManager.shutdown()
      throw error
    } finally {
      timeout?.stop()
    }
  }

  /** Quirk: goes on after a timeout, and then ends the invocation once more. */
  async function answer(hasuraEvent: Any, modules: HostModule[], options: HostOptions, startedAt: number) {
    logger.chatter('listenTo', 'modules found', 'asking')
    const events = await Promise.all(modules.map(module => ask(module, hasuraEvent)))
    const response: HostResponse = { events, durationMs: Date.now() - startedAt }
    logger.chatter('listenTo', 'all answered')
    await pluginManager.hook('onInvocationEnd', hasuraEvent, response, response.durationMs)
    logger.chatter('listenTo', 'ended', 'writing')
    await (options.timeoutConfig?.serverlessMode ? pluginManager.shutdown() : pluginManager.flush())
    // Quirk: a BigInt in a result makes this throw, after everything was done.
    logger.chatter('listenTo', `summary ${JSON.stringify(response)}`)
    return response
  }

  async function ask({ name, detector, handler }: HostModule, hasuraEvent: Any): Promise<HostResponse['events'][0]> {
    const correlationId: string = hasuraEvent.__correlationId
    try {
      logger.chatter(name, 'module loaded', 'detecting')
      let startedAt = Date.now()
      await pluginManager.hook('onEventDetectionStart', name, hasuraEvent)
      let detected: unknown = false
      try {
        detected = await detector(name, hasuraEvent)
      } catch (error) {
        // Quirk: no hook is told but onLog.
        const message = `Error detecting event ${name}: ${error instanceof Error ? error.message : error}`
        logger.scoped({ prefix: name, logType: 'detector', eventName: name, correlationId }).info(message)
      }
      await pluginManager.hook('onEventDetectionEnd', name, Boolean(detected), hasuraEvent, Date.now() - startedAt)
      if (!detected) return { name, detected: false, jobs: [] }

      logger.chatter(name, 'detected', 'handling')
      startedAt = Date.now()
      await pluginManager.hook('onEventHandlerStart', name, hasuraEvent)
      let jobs: Any
      try {
        jobs = await handler(name, hasuraEvent)
      } catch (error) {
        await pluginManager.hook('onError', error, 'event_handler', correlationId)
        const stack = error instanceof Error ? error.stack : error
        const wrapper = new Error(`Error in handler of ${name}: ${stack}`)
        pluginManager.hook('onError', wrapper, 'event_detection', correlationId).catch(() => {})
        throw error
      }
      await pluginManager.hook('onEventHandlerEnd', name, jobs, hasuraEvent, Date.now() - startedAt)
      logger.chatter(name, 'handled')
      return { name, detected: true, jobs: jobs ?? [] }
    } catch (error) {
      // Quirk: the jobs that ran are forgotten.
      logger.write({ level: 'error', prefix: name, message: `${error}`, args: [] })
      return { name, detected: false, jobs: [] }
    }
  }

  const getEventLogger = (eventName: string, hasuraEvent: Any) =>
    logger.scoped({ prefix: eventName, logType: 'detector', eventName, correlationId: hasuraEvent.__correlationId })

  return {
    listenTo,
    job,
    run,
    BasePlugin,
    PluginManager,
    pluginManager,
    getJobLogger,
    getEventLogger,
    /** What the original would have printed. */
    printed: logger.printed,
  }
}

function isHasuraEvent(value: Any): boolean {
  return (
    Boolean(value && typeof value === 'object' && value.event && typeof value.event === 'object' && value.event.data) &&
    typeof value.event.data === 'object' &&
    typeof value.event.op === 'string' &&
    value.event.op !== ''
  )
}
