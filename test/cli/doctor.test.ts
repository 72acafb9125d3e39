import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newOwnerName } from '../../src/buffer/journal/owner.ts'
import type { CheckName, Finding } from '../../src/cli/doctor/finding.ts'
import { examineJournal } from '../../src/cli/doctor/journal.ts'
import { judgeClock, judgeNode, judgePostgres } from '../../src/cli/doctor/program.ts'
import { describeFindings, examineAll } from '../../src/cli/doctor.ts'
import { runCli } from '../../src/cli/run.ts'
import { HasuraDouble } from '../support/hasura-double.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'
import { startTestServer } from '../support/server.ts'

describe('hasura-observability doctor', () => {
  let database: TestDatabase
  let dataDir: string
  let output: string[]
  const query = (sql: string, values: unknown[] = []) => database.pool.query(sql, values)

  beforeEach(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(path.join(tmpdir(), 'doctor-test-'))
    output = []
    vi.spyOn(console, 'log').mockImplementation(line => output.push(String(line)))
    vi.spyOn(console, 'error').mockImplementation(line => output.push(String(line)))
    vi.stubEnv('OBSERVABILITY_DB_URL', database.url)
    vi.stubEnv('DATA_DIR', dataDir)
    for (const name of ['HASURA_GRAPHQL_ENDPOINT', 'HASURA_GRAPHQL_ADMIN_SECRET', 'OBSERVABILITY_SCHEMA']) {
      vi.stubEnv(name, '')
    }
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    process.exitCode = undefined
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function found(check: CheckName, options: Parameters<typeof examineAll>[0] = {}): Promise<Finding[]> {
    return (await examineAll(options)).filter(finding => finding.check === check)
  }
  const toDo = (text: RegExp, todo: RegExp = /./) => [
    expect.objectContaining({
      state: 'action',
      found: expect.stringMatching(text),
      todo: expect.stringMatching(todo),
    }),
  ]

  it('finds nothing to do where all is well, and exits with 0', async () => {
    await query(`CALL ${SCHEMA}.run_maintenance()`)
    await mkdir(path.join(dataDir, 'journal'))
    await runCli(['doctor'])
    expect(process.exitCode).toBeUndefined()
    expect(output.at(-1)).toBe('All is well.')
    expect(output.join('\n')).not.toMatch(/ACTION/)
    expect(output).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ok {6}configuration +every variable is valid$/),
        expect.stringMatching(/^ok {6}migrations +all \d+ applied, the newest is \d{4}-/),
        expect.stringMatching(/^ok {6}partitions +made ahead for 7 days$/),
      ]),
    )
    output.length = 0
    await runCli(['doctor', '--json'])
    const report = JSON.parse(output.join('\n'))
    expect(report.ok).toBe(true)
    expect(report.findings.map((finding: Finding) => finding.check)).toEqual([
      ...['node', 'configuration', 'database', 'version', 'clock', 'migrations', 'privileges', 'partitions'],
      ...['default partitions', 'maintenance', 'quarantine', 'instances', 'journal', 'graphql'],
    ])
  })

  it('exits with 1 when there is something to do, and says what', async () => {
    await query(
      `INSERT INTO ${SCHEMA}.quarantined_rows (table_name, row_id, "row", error_message) VALUES ('events', 'x', '{}', 'too long')`,
    )
    await runCli(['doctor'])
    expect(process.exitCode).toBe(1)
    expect(output.join('\n')).toMatch(
      /ACTION {2}quarantine +1 refused row in quarantined_rows, the newest for events: too long\n +→ remove the cause/,
    )
    expect(output.at(-1)).toBe('To do: 1.')
    output.length = 0
    await runCli(['doctor', '--json'])
    expect(JSON.parse(output.join('\n')).ok).toBe(false)
    await runCli(['doctor', '--jsno'])
    expect(output.at(-1)).toMatch(/doctor: Unknown option '--jsno'/)
  })

  it('knows which Node and which Postgres are too old', () => {
    expect([judgeNode('20.19.0'), judgeNode('24.0.1')].map(finding => finding.state)).toEqual(['ok', 'ok'])
    expect([judgeNode('20.18.3'), judgeNode('18.20.0')]).toEqual([
      ...toDo(/Node 20\.18\.3 is older than 20\.19/, /install/),
      ...toDo(/18/),
    ])
    expect(judgePostgres(180_004)).toMatchObject({ state: 'ok', found: 'Postgres 18.4' })
    expect([judgePostgres(130_009)]).toEqual(toDo(/13\.9 is older than 14/))
  })

  it('compares the clocks', async () => {
    expect((await found('clock'))[0]?.state).toBe('ok')
    expect(await found('clock', { nowMs: () => Date.now() + 60_000 })).toEqual(toDo(/ms before the database's/, /NTP/))
    expect(await found('clock', { nowMs: () => Date.now() - 60_000 })).toEqual(toDo(/ms behind/))
    expect(judgeClock(-2_000, 10)).toMatchObject({ state: 'note', found: expect.stringContaining('1990 ms behind') })
    expect(judgeClock(2_000, 1_500).state).toBe('ok')
  })

  it('lists every mistake of the configuration, and stops there', async () => {
    vi.stubEnv('PORT', 'http')
    vi.stubEnv('RETENTION_DAYS', '-1')
    const findings = await examineAll()
    expect(findings.map(finding => finding.check)).toEqual(['node', 'configuration'])
    expect(findings.slice(1)).toEqual(toDo(/PORT: got "http"[\s\S]*RETENTION_DAYS/))
  })

  it('says why the database cannot be used', async () => {
    const url = new URL(database.url)
    const at = async (change: (url: URL) => void): Promise<Finding[]> => {
      const changed = new URL(url)
      change(changed)
      vi.stubEnv('OBSERVABILITY_DB_URL', changed.href)
      return found('database')
    }
    expect(await at(changed => (changed.port = '9'))).toEqual(
      toDo(/no Postgres answers at 127\.0\.0\.1:9/, /Check that/),
    )
    expect(await at(changed => (changed.pathname = '/nobody'))).toEqual(
      toDo(/"nobody" .*does not exist/, /CREATE DATABASE "nobody"/),
    )
    const refused = await at(changed => (changed.password = 'hunter2'))
    expect(refused).toEqual(toDo(/does not let this user in/, /password/))
    expect(JSON.stringify(refused)).not.toContain('hunter2')
    vi.stubEnv('OBSERVABILITY_DB_URL', '')
    expect(await found('database')).toEqual(toDo(/OBSERVABILITY_DB_URL is not set, and .* no embedded/, /npm start/))
    await writeFile(path.join(dataDir, 'postgres.port'), '9\n')
    await writeFile(path.join(dataDir, 'postgres.password'), 'secret\n')
    expect(await found('database')).toEqual(toDo(/embedded Postgres does not run/, /npm start/))
    const silent = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    try {
      await writeFile(path.join(dataDir, 'postgres.port'), `${(silent.address() as AddressInfo).port}\n`)
      expect(await found('database')).toEqual(toDo(/embedded Postgres does not answer/, /overloaded/))
    } finally {
      silent.close()
    }
  })

  it('sees that nothing can be written', async () => {
    await query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET default_transaction_read_only = on`)
    expect(await found('database')).toEqual(toDo(/is read-only/, /default_transaction_read_only/))
  })

  it('compares the schema with this version', async () => {
    vi.stubEnv('OBSERVABILITY_SCHEMA', 'elsewhere')
    expect(await found('migrations')).toEqual(toDo(/no schema elsewhere/, /migrate up/))
    await query('CREATE SCHEMA elsewhere')
    expect(await found('migrations')).toEqual(toDo(/schema elsewhere is empty/))
    vi.stubEnv('OBSERVABILITY_SCHEMA', '')
    await query(`UPDATE ${SCHEMA}.schema_migrations SET checksum = 'x' WHERE name = '0002-events'`)
    expect(await found('migrations')).toEqual(toDo(/0002-events changed/))
    await query(`DELETE FROM ${SCHEMA}.schema_migrations WHERE name = '0002-events'`)
    expect(await found('migrations')).toEqual(toDo(/1 of \d+ are missing: 0002-events/, /migrate up/))
    // What may not be there is not looked at.
    expect(await found('maintenance')).toEqual([])
    await query(`INSERT INTO ${SCHEMA}.schema_migrations (name, checksum) VALUES ('9000-later', 'x')`)
    expect(await found('migrations')).toEqual(toDo(/newer version: 9000-later/))
  })

  it('says which rights are missing', async () => {
    const role = `doctor_${randomBytes(4).toString('hex')}`
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`)
    try {
      const url = new URL(database.url)
      url.username = role
      url.password = 'p'
      vi.stubEnv('OBSERVABILITY_DB_URL', url.href)
      expect(await found('privileges')).toEqual(toDo(/may not use the schema/, /GRANT USAGE ON SCHEMA/))
      await query(`GRANT USAGE ON SCHEMA ${SCHEMA} TO ${role}`)
      expect(await found('privileges')).toEqual(toDo(/lacks .*SELECT.*not looked at/, /GRANT .* TO "doctor_/))
      await query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${role}`)
      expect(await found('privileges')).toEqual(
        toDo(/lacks INSERT, UPDATE on event_executions, events, instances, invocations, job/),
      )
      const grant = (await found('privileges'))[0]?.todo ?? ''
      await query(grant)
      expect(await found('privileges')).toEqual([
        expect.objectContaining({ state: 'note', found: expect.stringContaining('may record, but does not own') }),
      ])
    } finally {
      await query(`DROP OWNED BY ${role}`)
      await query(`DROP ROLE ${role}`)
    }
  })

  it('sees that partitions are not made ahead', async () => {
    const drop = async (daysAhead: number): Promise<void> => {
      const day = new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
      await query(`DROP TABLE ${SCHEMA}.job_executions_${day}`)
    }
    await drop(3)
    expect(await found('partitions')).toEqual(toDo(/ahead for 2 days only/, /maintain/))
    await drop(0)
    expect(await found('partitions')).toEqual(toDo(/no partition for today/))
  })

  it('watches the default partitions', async () => {
    await query(
      `INSERT INTO ${SCHEMA}.invocations (id, correlation_id, source_function) VALUES (gen_random_uuid(), gen_random_uuid(), 'f')`,
    )
    expect(await found('default partitions')).toEqual([
      expect.objectContaining({ state: 'note', found: expect.stringContaining('1 row without') }),
    ])
    await query(
      `INSERT INTO ${SCHEMA}.invocations (id, correlation_id, source_function)
       SELECT gen_random_uuid(), gen_random_uuid(), 'f' FROM generate_series(1, 1000)`,
    )
    expect(await found('default partitions')).toEqual(toDo(/1001 rows .*invocations 1001/, /UUIDv7/))
  })

  it('sees that maintenance does not run', async () => {
    const last = (ago: string) =>
      query(`UPDATE ${SCHEMA}.maintenance_state SET last_run_at = now() - $1::interval`, [ago])
    await last('3 hours')
    expect(await found('maintenance')).toEqual([
      expect.objectContaining({ state: 'note', found: 'ran 3 hours ago; totals and lost work are that old' }),
    ])
    await last('3 days')
    expect(await found('maintenance')).toEqual(toDo(/ran 3 days ago/, /pg_cron/))
    await query(`UPDATE ${SCHEMA}.maintenance_state SET last_run_at = NULL`)
    expect((await found('maintenance'))[0]).toMatchObject({ state: 'note', found: 'has not run yet' })
    await query(`UPDATE ${SCHEMA}.schema_migrations SET applied_at = now() - interval '2 hours'`)
    expect(await found('maintenance')).toEqual(toDo(/has never run/))
  })

  it('finds processes that are gone, and what was lost', async () => {
    const gone = crypto.randomUUID()
    await query(
      `INSERT INTO ${SCHEMA}.instances (id, started_at, heartbeat_at, host, pid)
       VALUES ($1, now() - interval '1 hour', now() - interval '10 minutes', 'web-1', 4711), (gen_random_uuid(), now(), now(), 'web-2', 1)`,
      [gone],
    )
    expect((await found('instances'))[0]).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('1 process records now'),
    })
    await writeInvocation(database.pool, { at: new Date(), status: 'running', instanceId: gone })
    expect(await found('instances')).toEqual(
      toDo(/1 process ended or went silent while 1 invocation ran.*10 minutes ago \(web-1, process 4711\)/),
    )
    await query(`CALL ${SCHEMA}.run_maintenance()`)
    expect(await found('instances')).toEqual([
      expect.objectContaining({ state: 'note', found: expect.stringContaining('1 invocation of the last day lost') }),
    ])
  })

  it('looks into the journal’s folder', async () => {
    const journal = path.join(dataDir, 'the-journal')
    expect((await found('journal', { journalDir: journal }))[0]).toMatchObject({
      state: 'note',
      found: expect.stringContaining('does not exist'),
    })
    const own = path.join(journal, `obs.${SCHEMA}`, newOwnerName())
    await mkdir(own, { recursive: true })
    await writeFile(path.join(own, '00000001.journal'), 'x'.repeat(2_000))
    expect((await found('journal', { journalDir: journal }))[0]).toMatchObject({ state: 'ok' })
    expect(await examineJournal(journal, 3_000)).toEqual(toDo(/of 1 process more than half full/))
    // The process id is that of no process: the largest there can be, and one.
    const dead = path.join(journal, `obs.${SCHEMA}`, `${hostname().replaceAll(/[^\w.-]/g, '_')}~4194305~1~ab`)
    await mkdir(dead)
    await writeFile(path.join(dead, '00000001.journal'), 'x')
    await writeFile(path.join(dead, '00000002.journal'), 'x')
    expect(await found('journal', { journalDir: journal })).toEqual(
      toDo(/2 files \(0\.0 MB\) of processes that are gone/, /start a process that uses/),
    )
    await writeFile(path.join(dataDir, 'a-file'), '')
    expect(await found('journal', { journalDir: path.join(dataDir, 'a-file') })).toEqual(
      toDo(/cannot be written: ENOTDIR/),
    )
  })

  it('asks the Hasura that is configured', async () => {
    const hasura = await new HasuraDouble({ version: 3, sources: [{ name: 'default' }] }, 's3cret').start()
    vi.stubEnv('HASURA_GRAPHQL_ENDPOINT', `${hasura.url}/v1/graphql`)
    expect((await found('graphql'))[0]).toMatchObject({
      state: 'note',
      found: expect.stringContaining('wants a secret'),
    })
    vi.stubEnv('HASURA_GRAPHQL_ADMIN_SECRET', 'wrong')
    expect(await found('graphql')).toEqual(toDo(/refuses the admin secret/, /HASURA_GRAPHQL_ADMIN_SECRET/))
    vi.stubEnv('HASURA_GRAPHQL_ADMIN_SECRET', 's3cret')
    expect(await found('graphql')).toEqual(toDo(/does not know the source "observability"/, /hasura apply/))
    hasura.metadata = { version: 3, sources: [{ name: 'observability' }] }
    expect((await found('graphql'))[0]).toMatchObject({ state: 'ok' })
    hasura.inconsistent = [
      { name: 'source default', reason: 'theirs', type: 'source', definition: 'default' },
      { name: 'source observability', reason: 'not set', type: 'source', definition: 'observability' },
    ]
    expect(await found('graphql')).toEqual(toDo(/1 of our objects inconsistent, first source observability: not set/))
    hasura.metadataApi = false
    expect(await found('graphql')).toEqual(toDo(/no field for invocations/))
    hasura.queryFields = ['users', 'invocations']
    expect((await found('graphql'))[0]).toMatchObject({ state: 'ok' })
    await hasura.stop()
    expect(await found('graphql')).toEqual(toDo(/no Hasura answers at/, /Check that it runs/))
  })

  it('looks at the server that runs on the data directory', async () => {
    const server = await new HasuraDouble({ version: 3, sources: [] }).start()
    server.metadataApi = false
    server.queryFields = ['invocations']
    const lock = { pid: process.pid, startedAt: null, url: server.url }
    await writeFile(path.join(dataDir, 'server.json'), JSON.stringify(lock))
    expect((await found('graphql'))[0]).toMatchObject({ state: 'ok', found: 'the endpoint serves what was recorded' })
    await server.stop()
    expect(await found('graphql')).toEqual(toDo(/no Hasura answers/))
  })

  it('knows that our own server has no metadata to look at', async () => {
    const server = await startTestServer()
    const lock = { pid: process.pid, startedAt: null, url: server.url }
    await writeFile(path.join(dataDir, 'server.json'), JSON.stringify(lock))
    const findings = await found('graphql').finally(() => server.stop())
    expect(findings).toMatchObject([{ state: 'ok', found: 'the endpoint serves what was recorded' }])
  })

  it('writes several lines below each other', () => {
    const lines = describeFindings([
      { check: 'configuration', state: 'action', found: 'a\nb', todo: 'c' },
      { check: 'node', state: 'ok', found: 'd', todo: null },
    ])
    expect(lines.join('\n')).toBe(
      'ACTION  configuration  a\n                       b\n                       → c\nok      node           d\n\nTo do: 1.',
    )
  })
})
