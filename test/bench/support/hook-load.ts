import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchHost, BenchModule } from './bench-host.ts'

/** One run of the load: so many invocations, so many at a time. */
export interface Load {
  invocations: number
  concurrency: number
  /** How long each job waits, as a job that writes to a database does; 0 for jobs that do nothing at all. */
  jobMs: number
}

export const JOBS_PER_INVOCATION = 5
const MODULES = 10
const JOBS_OF_MODULE = [1, 2, 2]
const FAILING_JOBS = 1 / 50

let jobMs = 0
let jobsRun = 0

async function work(): Promise<object> {
  if (jobMs > 0) await sleep(jobMs)
  if (++jobsRun % (1 / FAILING_JOBS) === 0) throw new Error('the receipt could not be sent')
  return { sent: true }
}

/** 10 event modules, 3 of which detect and run 5 jobs. */
function modulesOn({ run, job }: BenchHost): BenchModule[] {
  return Array.from({ length: MODULES }, (_, index) => ({
    name: `orders.event-${index}`,
    detector: (_event, payload) => index < JOBS_OF_MODULE.length && payload.event.data.new.status === 'paid',
    handler: (event, payload) =>
      run(
        event,
        payload,
        Array.from({ length: JOBS_OF_MODULE[index] as number }, (_, n) => job(work, { jobName: `job-${n}` })),
      ),
  }))
}

export interface OrderPaid {
  event: { data: { new: { status: string } & Record<string, unknown> } & Record<string, unknown> } & Record<
    string,
    unknown
  >
  [key: string]: unknown
}

/** The change of a row, 1 KB as JSON. */
export function orderPaid(): OrderPaid {
  return {
    // Each delivery has its own: what was stored of one is not stored again.
    id: randomUUID(),
    created_at: '2026-01-02T03:04:05.678901',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders' },
    event: {
      op: 'UPDATE',
      data: {
        old: { id: 1, status: 'new', note: 'x'.repeat(350) },
        new: { id: 1, status: 'paid', note: 'x'.repeat(350) },
      },
      session_variables: { 'x-hasura-role': 'user' },
      trace_context: null,
    },
  }
}

/** Invokes a detector with 10 modules, 3 of which detect and run 5 jobs, of which 1 in 50 throws. */
export async function invokeMany(host: BenchHost, load: Load): Promise<void> {
  jobMs = load.jobMs
  const modules = modulesOn(host)
  let started = 0
  const worker = async (): Promise<void> => {
    while (started++ < load.invocations) {
      const { events } = await host.invoke(orderPaid(), modules)
      const jobs = events.reduce((sum, event) => sum + event.jobs.length, 0)
      if (jobs !== JOBS_PER_INVOCATION) throw new Error(`an invocation ran ${jobs} jobs`)
    }
  }
  await Promise.all(Array.from({ length: load.concurrency }, worker))
}
