import { describe, expect, it } from 'vitest'
import type { JobRow } from '../../src/record/records.ts'
import type { Emitted } from '../../src/record/work.ts'
import { recorderTo } from '../store/support/recorder-to.ts'

describe('the options of a job', () => {
  function rowOf(options: object): JobRow {
    const jobs = new Set<Emitted>()
    const { invoke } = recorderTo(work => {
      if (work.table === 'job_executions') jobs.add(work)
    })
    invoke({ jobs: [{ name: 'charge', options }] })
    const [job] = [...jobs]
    return (job as { row: JobRow }).row
  }

  it('are recorded without what the detector adds to them', () => {
    const row = rowOf({ jobName: 'charge', functionName: 'chargeCard', correlationId: 'x', __logger: {}, retries: 2 })
    expect(row.job_options).toBe('{"retries":2}')
    expect(row.job_function_name).toBe('chargeCard')
  })

  it('cost what they hide when a getter throws, not their job', () => {
    const row = rowOf({
      retries: 2,
      get secret() {
        throw new Error('not yours')
      },
      get functionName() {
        throw new Error('nor this')
      },
    })
    expect(JSON.parse(row.job_options ?? '')).toMatchObject({ retries: 2 })
    expect(row.status).toBe('completed')
  })

  it('are none where a Proxy lets nobody in', () => {
    const row = rowOf(
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('closed')
          },
        },
      ),
    )
    expect(row).toMatchObject({ job_name: 'charge', job_options: null, status: 'completed' })
  })
})
