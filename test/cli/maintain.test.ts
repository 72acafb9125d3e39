import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeReport } from '../../src/cli/maintain.ts'
import { runCli } from '../../src/cli/run.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { countRows, writeInvocation } from '../support/recorded-rows.ts'

describe('hasura-observability maintain', () => {
  let database: TestDatabase
  let output: string[]
  let errors: string[]

  beforeEach(async () => {
    database = await createTestDatabase()
    output = []
    errors = []
    vi.spyOn(console, 'log').mockImplementation(line => output.push(String(line)))
    vi.spyOn(console, 'error').mockImplementation(line => errors.push(String(line)))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    process.exitCode = undefined
    await database.drop()
  })

  it('does what is due with the retention of the environment, and prints what it did', async () => {
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000)
    await database.pool.query(
      `SELECT ${SCHEMA}.ensure_partitions((now() AT TIME ZONE 'UTC')::date - 10, (now() AT TIME ZONE 'UTC')::date)`,
    )
    await writeInvocation(database.pool, { at: daysAgo(8) })
    await writeInvocation(database.pool, { at: daysAgo(8), status: 'failed' })
    await writeInvocation(database.pool, { at: daysAgo(2), status: 'running', instanceId: crypto.randomUUID() })
    vi.stubEnv('OBSERVABILITY_DB_URL', database.url)
    vi.stubEnv('RETENTION_DAYS', '7')
    vi.stubEnv('FAILED_RETENTION_DAYS', '9')
    await runCli(['maintain'])
    expect(errors).toEqual([])
    expect(output).toEqual([
      'partitions made ahead   0',
      'marked as lost          1 invocations, 1 events, 1 jobs',
      'orphans removed         0 events, 0 jobs, 0 lines of output',
      'hours counted anew      2',
      expect.stringMatching(/^partitions dropped {6}\d+, thinned out to what failed 4$/),
      'rows without a day      none',
      expect.stringMatching(/^done in \d+\.\d s$/),
    ])
    expect((await countRows(database.pool)).invocations).toBe(2)
  })

  it('says which database it needs', async () => {
    vi.stubEnv('OBSERVABILITY_DB_URL', '')
    await runCli(['maintain'])
    expect(errors[0]).toContain('OBSERVABILITY_DB_URL is not set')
    expect(process.exitCode).toBe(1)
  })

  it('says that another run is under way, or has taken over', () => {
    expect(describeReport({ skipped: 'another run is under way' })).toEqual(['skipped: another run is under way'])
    expect(describeReport({ partitions_made: 4 })).toEqual([
      'partitions made ahead   4',
      'another run has taken over the rest',
    ])
    expect(describeReport({ default_partition_rows: { invocations: 3, events: 0 }, duration_ms: 1_234 })).toEqual([
      'rows without a day      invocations 3',
      'done in 1.2 s',
    ])
  })
})
