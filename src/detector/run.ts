import { invocationOf } from './invocation.ts'
import { inOwnFrame } from './own-frame.ts'
import { runJob } from './run-job.ts'
import type { HasuraEventPayload, Job, JobFunction, JobOptions, JobResult } from './types.ts'

/** Describes a job for `run`. */
export function job(func: JobFunction, options?: JobOptions): Job {
  return options === undefined ? { func } : { func, options }
}

/**
 * Runs all jobs of an event side by side. Resolves to one result per job, in the order given, whether they succeeded
 * or failed; never rejects. Entries without a function are left out.
 */
export async function run(
  event: string,
  hasuraEvent: HasuraEventPayload,
  jobs: readonly (Job | null | undefined | false)[] | null | undefined,
): Promise<JobResult[]> {
  if (!Array.isArray(jobs)) return []
  const invocation = invocationOf(hasuraEvent)
  if (invocation.isDryRun) return []
  const asked = invocation.events.find(each => each.name === event)
  const running: Promise<JobResult>[] = []
  for (const each of jobs) {
    if (!each || each.func === undefined || each.func === null) continue
    const place = asked ? asked.jobs.push(undefined) - 1 : 0
    const result = inOwnFrame(runJob, invocation, event, each as Job)
    running.push(result)
    if (asked) void result.then(ended => (asked.jobs[place] = ended))
  }
  return Promise.all(running)
}
