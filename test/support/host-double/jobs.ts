import type { HostLogger, ScopedLogger } from './logger.ts'
import type { HostPluginManager } from './plugins.ts'

// biome-ignore lint/suspicious/noExplicitAny: the host's payloads, options and results are whatever their authors make them.
export type Any = any

export interface HostJob {
  func: Any
  options?: Record<string, unknown>
}

export interface HostJobResult {
  name: string
  durationMs: number
  result: unknown
  completed: boolean
  error?: unknown
  startTime: Date
  endTime?: Date
}

export const job = (func: Any, options?: Record<string, unknown>): HostJob => (options ? { func, options } : { func })

export function createRun(manager: HostPluginManager, logger: HostLogger) {
  return async function run(event: string, hasuraEvent: Any, jobs?: unknown): Promise<HostJobResult[] | undefined> {
    if (!Array.isArray(jobs) || jobs.length === 0) return undefined
    const preparedAt = new Date()
    const started = jobs.filter(each => each?.func)
    const settled = await Promise.allSettled(started.map(each => runJob(event, hasuraEvent, each)))
    return settled.map((outcome, index) => {
      if (outcome.status === 'fulfilled') return outcome.value
      return {
        // Quirks: the name in the options is lost, and skipped entries shift the names of those behind them.
        name: jobs[index]?.func?.name || 'anonymous',
        durationMs: 0,
        result: outcome.reason.message,
        completed: false,
        error: outcome.reason,
        startTime: preparedAt,
        endTime: preparedAt,
      }
    })
  }

  async function runJob(event: string, hasuraEvent: Any, { func, options }: HostJob): Promise<HostJobResult> {
    const name = (options?.jobName as string) || func.name || 'anonymous'
    const signal: AbortSignal | undefined = hasuraEvent.__abortSignal
    if (signal?.aborted) {
      // Quirk: without any hook.
      return { name, durationMs: 0, result: 'Job aborted due to timeout', completed: false, startTime: new Date() }
    }
    const jobOptions: Record<string, unknown> = { ...options, jobName: name }
    if (hasuraEvent.__correlationId) jobOptions.correlationId = hasuraEvent.__correlationId
    if (signal) jobOptions.abortSignal = signal
    const startTime = new Date()
    const elapsed = (): number => Date.now() - startTime.getTime()
    try {
      logger.chatter('Job', `${name} prepared`, `${name} starting`)
      await manager.hook('onJobStart', name, jobOptions, event, hasuraEvent)
      jobOptions.__logger = logger.scoped({
        prefix: name,
        logType: 'job',
        jobName: name,
        eventName: event,
        correlationId: hasuraEvent.__correlationId,
      })
      const work = (async () => func(event, hasuraEvent, jobOptions))()
      const value = await (signal ? Promise.race([work, rejectOnAbort(signal)]) : work)
      // Quirk: a timeout is only declared once the job is over. Retries are not implemented at all.
      if (Number(options?.timeout) < elapsed()) throw new Error(`Job ${name} timed out after ${options?.timeout}ms`)
      logger.chatter('Job', `${name} returned`, `${name} ended`)
      const result = { name, durationMs: elapsed(), result: value, completed: true, startTime, endTime: new Date() }
      await manager.hook('onJobEnd', name, result, event, hasuraEvent, result.durationMs)
      return result
    } catch (error) {
      const durationMs = elapsed()
      const result = { name, durationMs, result: null, completed: false, error, startTime, endTime: new Date() }
      await manager.hook('onJobEnd', name, result, event, hasuraEvent, durationMs)
      await manager.hook('onError', error, 'job', hasuraEvent.__correlationId)
      const message = `Job ${func.name} crashed: ${error instanceof Error ? error.message : error}`
      throw Object.assign(new Error(message), { jobResult: result })
    }
  }
}

export const getJobLogger = (_hasuraEvent: unknown, options: Any): ScopedLogger => options.__logger

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('Job aborted due to timeout'))),
  )
}
