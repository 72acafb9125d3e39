import type { EventModuleSource } from './event-modules.ts'
import { type AskedEvent, detailOf, type Invocation, reportError, writeInvocationLine } from './invocation.ts'
import { loadEventModule } from './load-event-module.ts'
import { msSince } from './ms-since.ts'
import { isThenable } from './thenable.ts'
import { toError } from './to-error.ts'
import type { EventModule } from './types.ts'

/** Asks one module whether its event happened and lets it handle it if so. Never rejects: `asked` has the outcome. */
export async function askEventModule(
  invocation: Invocation,
  source: EventModuleSource,
  asked: AskedEvent,
): Promise<void> {
  const { plugins, hasuraEvent } = invocation
  const started = plugins.dispatch('onEventDetectionStart', source.name, hasuraEvent)
  if (started) await started

  const startedAt = performance.now()
  let module: EventModule | undefined
  let detected = false
  try {
    // Waiting for what is there costs more than asking.
    const loaded = loadEventModule(source)
    module = isThenable(loaded) ? await loaded : loaded
    const answer: unknown = module.detector(source.name, hasuraEvent)
    detected = Boolean(isThenable(answer) ? await answer : answer)
  } catch (thrown) {
    await failed(invocation, asked, 'event_detection', 'Error detecting event:', thrown)
  }
  asked.detected = detected
  const ended = plugins.dispatch('onEventDetectionEnd', source.name, detected, hasuraEvent, msSince(startedAt))
  if (ended) await ended
  if (detected && module) await handle(invocation, module, asked)
}

async function handle(invocation: Invocation, module: EventModule, asked: AskedEvent): Promise<void> {
  const { plugins, hasuraEvent } = invocation
  const started = plugins.dispatch('onEventHandlerStart', asked.name, hasuraEvent)
  if (started) await started

  const startedAt = performance.now()
  try {
    const returned: unknown = await module.handler(asked.name, hasuraEvent)
    if (Array.isArray(returned)) asked.returned = returned
  } catch (thrown) {
    return failed(invocation, asked, 'event_handler', 'Error handling event:', thrown)
  }
  const jobs = asked.returned ?? asked.jobs.filter(job => job !== undefined)
  const ended = plugins.dispatch('onEventHandlerEnd', asked.name, jobs, hasuraEvent, msSince(startedAt))
  if (ended) await ended
}

async function failed(
  invocation: Invocation,
  asked: AskedEvent,
  context: 'event_detection' | 'event_handler',
  message: string,
  thrown: unknown,
): Promise<void> {
  const error = toError(thrown)
  asked.error = error
  const detail = detailOf(invocation, asked.name)
  writeInvocationLine(invocation, 'detector', 'error', asked.name, message, [error], detail)
  await reportError(invocation, error, context, detail)
}
