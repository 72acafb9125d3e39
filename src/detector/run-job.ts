import { attemptJob } from './attempt-job.ts'
import { detailOf, type Invocation, reportError, writeInvocationLine } from './invocation.ts'
import { JobLimit } from './job-limit.ts'
import { rememberEventOfJob } from './loggers.ts'
import { msSince } from './ms-since.ts'
import { timeoutError } from './timeout-error.ts'
import { toError } from './to-error.ts'
import type { Job, JobResult, JobRunOptions } from './types.ts'

/** Runs one job with its hooks. Never rejects: a failure is a result. */
export async function runJob(invocation: Invocation, eventName: string, job: Job): Promise<JobResult> {
  const { plugins, hasuraEvent, correlationId } = invocation
  const name = job.options?.jobName || job.func.name || 'anonymous'
  const limit = JobLimit.of(name, job.options?.timeout, invocation.abortSignal)
  const options: JobRunOptions = { ...job.options, jobName: name }
  if (job.func.name) options.functionName = job.func.name
  if (correlationId) options.correlationId = correlationId
  const abortSignal = limit?.signal ?? invocation.abortSignal
  if (abortSignal) options.abortSignal = abortSignal
  rememberEventOfJob(options, eventName)

  const started = plugins.dispatch('onJobStart', name, options, eventName, hasuraEvent)
  if (started) await started

  const detail = detailOf(invocation, eventName, name, options)
  const warn = (message: string, error: Error) =>
    writeInvocationLine(invocation, 'job', 'warn', name, message, [error], detail)
  const result: JobResult = {
    name,
    durationMs: 0,
    result: null,
    completed: false,
    startTime: new Date(),
    endTime: new Date(),
  }
  const startedAt = performance.now()
  try {
    if (invocation.abortSignal?.aborted)
      throw timeoutError(`Job "${name}" was not started: the invocation's time was up`)
    const work =
      limit || options.retries
        ? attemptJob(job.func, eventName, hasuraEvent, options, warn)
        : job.func(eventName, hasuraEvent, options)
    result.result = await (limit ? limit.race(work as Promise<unknown>) : work)
    result.completed = true
  } catch (thrown) {
    result.error = toError(thrown)
  }
  result.endTime = new Date()
  result.durationMs = msSince(startedAt)

  const { error } = result
  if (error) writeInvocationLine(invocation, 'job', 'error', name, 'Job failed:', [error], detail)
  const ended = plugins.dispatch('onJobEnd', name, result, eventName, hasuraEvent, result.durationMs, options)
  if (ended) await ended
  if (error) await reportError(invocation, error, 'job', detail)
  return result
}
