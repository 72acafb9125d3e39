import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { askEventModule } from './ask-event-module.ts'
import { findEventModules } from './event-modules.ts'
import { claimPayload, isHasuraEvent, releasePayload } from './hasura-payload.ts'
import {
  type AskedEvent,
  detailOf,
  type Invocation,
  openInvocation,
  toEventResult,
  writeInvocationLine,
} from './invocation.ts'
import { msSince } from './ms-since.ts'
import { inOwnFrame } from './own-frame.ts'
import { type PluginManager, pluginManager } from './plugin-manager.ts'
import { watchTimeLimit } from './time-limit.ts'
import type { HasuraEventPayload, ListenToOptions, ListenToResponse, ResolvedOptions } from './types.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Asks every event module whether its event happened in this change, and lets those that say yes run their jobs.
 * What is no Hasura event is answered with no events. Failing detectors, handlers, jobs and plugins do not reject it.
 */
export function listenTo(payload: unknown, options: ListenToOptions = {}): Promise<ListenToResponse> {
  return inOwnFrame(invoke, payload, options)
}

async function invoke(payload: unknown, given: ListenToOptions): Promise<ListenToResponse> {
  const startedAt = performance.now()
  if (!isHasuraEvent(payload)) return { events: [], durationMs: msSince(startedAt) }
  const { pluginManager: plugins = pluginManager, ...callerOptions } = given
  const hasuraEvent = claimPayload(payload)

  plugins.enter()
  let invocation: Invocation
  let options: ResolvedOptions
  try {
    if (!plugins.initialized) await plugins.initialize()
    options = resolveOptions(await plugins.preConfigure(hasuraEvent, callerOptions))
    invocation = begin(plugins, hasuraEvent, options)
  } catch (error) {
    // Options that cannot be used: no hook was called, but other invocations count on the number of those that run.
    releasePayload(hasuraEvent)
    await plugins.leave(false)
    throw error
  }
  const started = plugins.dispatch('onInvocationStart', hasuraEvent, options)
  if (started) await started
  return answer(invocation, options, startedAt)
}

/** Runs the modules, for as long as there is time. */
async function answer(invocation: Invocation, options: ResolvedOptions, startedAt: number): Promise<ListenToResponse> {
  const { plugins, hasuraEvent } = invocation
  const stopPlugins = options.timeoutConfig?.serverlessMode === true
  const limit = watchTimeLimit(options.timeoutConfig, startedAt)
  setAbortSignal(invocation, limit?.signal)

  const processing = askModules(invocation, options)
  const timeout = await (limit ? Promise.race([processing, limit.reached]) : processing)
  limit?.stop()

  const events = timeout ? invocation.events.filter(event => event.detected !== undefined) : invocation.events
  const response: ListenToResponse = { events: events.map(toEventResult), durationMs: msSince(startedAt) }
  if (timeout) Object.assign(response, { timedOut: true, error: timeout })
  const ended = plugins.dispatch('onInvocationEnd', hasuraEvent, response, response.durationMs)
  if (ended) await ended

  if (!timeout) await leave(invocation, stopPlugins)
  else {
    // What still runs reports to the plugins until it is done, so they may write but not shut down yet.
    void processing.then(() => leave(invocation, stopPlugins))
    await plugins.flush()
  }
  return response
}

async function askModules(invocation: Invocation, options: ResolvedOptions): Promise<undefined> {
  const complain = (message: string, ...errors: Error[]): void =>
    writeInvocationLine(invocation, 'system', 'error', 'listenTo', message, errors, detailOf(invocation))
  const sources = await findEventModules(options, complain)
  options.listenedEvents = sources.map(source => source.name)
  if (sources.length === 0) complain('There is no event module to ask: check eventModules and eventModulesDirectory')

  const asking = sources.map(source => {
    const asked: AskedEvent = { name: source.name, detected: undefined, jobs: [] }
    invocation.events.push(asked)
    return inOwnFrame(askEventModule, invocation, source, asked)
  })
  await Promise.all(asking)
}

function begin(plugins: PluginManager, hasuraEvent: HasuraEventPayload, options: ResolvedOptions): Invocation {
  const correlationId =
    options.correlationId !== undefined && UUID.test(options.correlationId) ? options.correlationId : randomUUID()
  hasuraEvent.__context = options.context ?? {}
  hasuraEvent.__correlationId = correlationId
  const invocation: Invocation = {
    plugins,
    hasuraEvent,
    correlationId,
    logToConsole: options.logToConsole === true,
    abortSignal: undefined,
    events: [],
  }
  openInvocation(invocation)
  return invocation
}

// A payload that is delivered again must not keep the signal of its last time.
function setAbortSignal(invocation: Invocation, signal: AbortSignal | undefined): void {
  invocation.abortSignal = signal
  if (signal) invocation.hasuraEvent.__abortSignal = signal
  else if ('__abortSignal' in invocation.hasuraEvent) delete invocation.hasuraEvent.__abortSignal
}

async function leave(invocation: Invocation, stopPlugins: boolean): Promise<void> {
  releasePayload(invocation.hasuraEvent)
  await invocation.plugins.leave(stopPlugins)
}

/** The options with the defaults filled in. */
export function resolveOptions(options: ListenToOptions): ResolvedOptions {
  return {
    ...options,
    eventModulesDirectory: resolve(options.eventModulesDirectory ?? 'events'),
    autoLoadEventModules: options.autoLoadEventModules ?? options.eventModules === undefined,
    loadModulesFromIndex: options.loadModulesFromIndex ?? false,
    listenedEvents: options.listenedEvents ?? [],
  }
}
