import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const run = promisify(execFile)

describe('hasura-observability migrate', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
  })
  afterAll(() => database.drop())

  async function cli(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
    try {
      const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
        env: { PATH: process.env.PATH ?? '', OBSERVABILITY_DB_URL: database.url, ...env },
      })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: stdout + stderr }
    }
  }

  it('goes up, tells where it stands, and comes down again', async () => {
    expect((await cli(['migrate', 'up'])).output).toMatch(/^0001-executions {2}applied$/m)
    expect(await cli(['migrate', 'up'])).toEqual({ code: 0, output: 'up to date\n' })
    expect((await cli(['migrate', 'status'])).output).toMatch(/^0001-executions {2}applied \d{4}-/m)
    expect((await cli(['migrate', 'down', '1'])).output).toMatch(/^\d{4}-\S+ {2}taken back$/m)
    expect((await cli(['migrate', 'status'])).output).toMatch(/ {2}not applied$/m)
  })

  it('says what to do when the database cannot be reached, and shows no password', async () => {
    const { code, output } = await cli(['migrate', 'up'], {
      OBSERVABILITY_DB_URL: 'postgresql://u:hunter2@127.0.0.1:9/obs',
    })
    expect(code).toBe(1)
    expect(output).toContain('no Postgres answers at 127.0.0.1:9')
    expect(output).not.toMatch(/hunter2|^ {4}at /m)
  })

  it.each([
    [['migrate'], 'migrate needs up, down, status or create'],
    [['migrate', 'sideways'], 'migrate needs up, down, status or create'],
    [['migrate', 'down', 'all'], 'migrate down takes a number of steps, got all'],
    [['migrate', 'create', 'Bad Name'], 'migrate create takes a name of lower-case letters'],
    [['nonsense'], 'Unknown command "nonsense"'],
  ])('%j ends with what is wrong', async (args, message) => {
    const { code, output } = await cli(args)
    expect(code).toBe(1)
    expect(output).toContain(message)
  })

  it('needs to be told which database', async () => {
    const { code, output } = await cli(['migrate', 'up'], { OBSERVABILITY_DB_URL: '' })
    expect(code).toBe(1)
    expect(output).toContain('OBSERVABILITY_DB_URL is not set')
  })
})
