import { randomUUID } from 'node:crypto'
import { type EventModuleSource, findEventModules } from './event-modules.ts'
import { isHasuraEvent } from './hasura-payload.ts'
import { openInvocation } from './invocation.ts'
import { resolveOptions } from './listen-to.ts'
import { loadEventModule } from './load-event-module.ts'
import { msSince } from './ms-since.ts'
import { inOwnFrame } from './own-frame.ts'
import { PluginManager } from './plugin-manager.ts'
import { toError } from './to-error.ts'
import type { HasuraEventPayload, ListenToOptions } from './types.ts'

export interface DryRunOptions
  extends Pick<
    ListenToOptions,
    | 'eventModules'
    | 'eventModulesDirectory'
    | 'autoLoadEventModules'
    | 'loadModulesFromIndex'
    | 'listenedEvents'
    | 'context'
  > {
  /** Longest that one detector may take, in milliseconds; it then counts as failed. @default 10000 */
  timeLimitMs?: number
  /** Goes around the call of each detector: to find out in which one something was said. @default calls it */
  around?: (eventName: string, call: () => Promise<boolean>) => Promise<boolean>
}

/** What one event module says to a payload. */
export interface Verdict {
  name: string
  detected: boolean
  /** Whole milliseconds. */
  durationMs: number
  /** What the detector threw, or why the module could not be loaded. */
  error?: Error
}

/**
 * Asks every event module whether its event happened in this change, and does nothing else: no handler and no job runs, no
 * plugin is called. The payload is copied first. What a detector does by itself, it does: detectors only look.
 */
export async function dryRun(payload: unknown, options: DryRunOptions = {}): Promise<Verdict[]> {
  if (!isHasuraEvent(payload)) return []
  const { timeLimitMs = 10_000, around = (_name, call) => call(), ...given } = options
  const failures: Error[] = []
  const sources = await findEventModules(resolveOptions(given), (message, error) =>
    failures.push(new Error(`${message} ${error.message}`, { cause: error })),
  )
  if (sources.length === 0 && failures[0]) throw failures[0]
  const copy: HasuraEventPayload = structuredClone(payload)
  copy.__context = given.context ?? {}
  copy.__correlationId = randomUUID()
  openInvocation({
    plugins: new PluginManager(),
    hasuraEvent: copy,
    correlationId: copy.__correlationId,
    logToConsole: false,
    abortSignal: undefined,
    events: [],
    isDryRun: true,
  })
  const ask = (source: EventModuleSource) => inOwnFrame(askOnly, source, copy, timeLimitMs, around)
  return Promise.all(sources.map(ask))
}

async function askOnly(
  source: EventModuleSource,
  hasuraEvent: HasuraEventPayload,
  timeLimitMs: number,
  around: NonNullable<DryRunOptions['around']>,
): Promise<Verdict> {
  const startedAt = performance.now()
  const verdict: Verdict = { name: source.name, detected: false, durationMs: 0 }
  let timer: NodeJS.Timeout | undefined
  try {
    const { detector } = await loadEventModule(source)
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeLimitMs} ms`)), timeLimitMs)
    })
    const asked = around(source.name, async () => Boolean(await detector(source.name, hasuraEvent)))
    verdict.detected = await Promise.race([asked, late])
  } catch (thrown) {
    verdict.error = toError(thrown)
  } finally {
    clearTimeout(timer)
  }
  verdict.durationMs = msSince(startedAt)
  return verdict
}
