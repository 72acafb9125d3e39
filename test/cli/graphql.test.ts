import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const DATABASES = `
- name: first
  kind: postgres
  configuration:
    connection_info:
      database_url: { from_env: SHELF_DB_URL }
  tables: !include first/tables/tables.yaml
- name: second
  kind: postgres
  configuration: {}
  tables: [{ table: { schema: public, name: missing } }]
`
const BOOK = `
table: { schema: public, name: book }
select_permissions:
  - { role: reader, permission: { columns: [id, title], filter: { owner: { _eq: X-Hasura-User-Id } } } }
  - { role: anonymous, permission: { columns: [title], filter: {} } }
`

let database: TestDatabase
let directory: string
const children: ChildProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(`
    CREATE TABLE book (id bigint PRIMARY KEY, title text, owner integer);
    INSERT INTO book VALUES (9007199254740993, 'Mine', 1), (2, 'Other', 2)`)
  directory = await mkdtemp(path.join(tmpdir(), 'graphql-cli-'))
  await mkdir(path.join(directory, 'databases/first/tables'), { recursive: true })
  await writeFile(path.join(directory, 'version.yaml'), 'version: 3\n')
  await writeFile(path.join(directory, 'databases/databases.yaml'), DATABASES)
  await writeFile(path.join(directory, 'databases/first/tables/tables.yaml'), '- "!include public_book.yaml"\n')
  await writeFile(path.join(directory, 'databases/first/tables/public_book.yaml'), BOOK)
})
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})
afterAll(async () => {
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'graphql', ...args], {
    env: { PATH: process.env.PATH ?? '', SHELF_DB_URL: database.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  const exit = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk
      const address = /^ready (http:\S+)$/m.exec(output)?.[1]
      if (address) resolve(address)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void exit.then(code => reject(new Error(`ended with ${code}:\n${output}`)))
  })
  ready.catch(() => {}) // Not every test waits for it.
  return { child, ready, exit, output: () => output }
}

async function ask(address: string, query: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(`${address}/v1/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body ?? JSON.stringify({ query }),
  })
  return { status: response.status, text: await response.text() }
}

const failure = (code: string, message: string) => ({
  status: 200,
  text: JSON.stringify({ errors: [{ message, extensions: { path: '$', code } }] }),
})

describe('hasura-observability graphql', () => {
  it('serves a metadata directory over the database its source names, and ends on SIGTERM', async () => {
    const program = run(['--metadata', directory, '--port', '0'])
    const address = await program.ready
    const health = await fetch(`${address}/healthz`)
    expect([health.status, await health.text()]).toEqual([200, 'OK'])
    expect(await (await fetch(`${address}/v1/version`)).json()).toMatchObject({ version: expect.any(String) })
    // Without a secret everyone may be everyone.
    expect(await ask(address, '{ book(order_by: {id: asc}) { id title } }')).toEqual({
      status: 200,
      text: expect.stringMatching(
        /^{"data":{"book":\[{"id":2,"title":"Other"}, \n {"id":9007199254740993,"title":"Mine"}]}}$/,
      ),
    })
    const asReader = { 'X-Hasura-Role': 'reader', 'X-Hasura-User-Id': '2' }
    expect((await ask(address, '{ book { id } }', asReader)).text).toBe('{"data":{"book":[{"id":2}]}}')
    expect(await ask(address, '{ book { id } }', { 'x-hasura-role': 'reader' })).toEqual(
      failure('not-found', 'missing session variable: "x-hasura-user-id"'),
    )
    expect(await ask(address, '', {}, '{"query":')).toEqual(failure('invalid-json', 'the body is not valid JSON'))
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect(await ask(address, '{ book { id } }', { 'content-type': type })).toEqual(
        failure('bad-request', 'send the body as JSON, with the header "content-type: application/json"'),
      )
    }
    program.child.kill('SIGTERM')
    expect(await program.exit).toBe(0)
    expect(program.output()).toMatch(/SIGTERM: stopping …\nstopped\n$/)
  })

  it('asks for the admin secret, and gives others the unauthorized role without their session variables', async () => {
    const env = { HASURA_GRAPHQL_UNAUTHORIZED_ROLE: 'anonymous', HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES: 'true' }
    const program = run(
      ['--metadata', directory, '--port', '0', '--database-url', database.url, '--admin-secret', 'hush'],
      { ...env, SHELF_DB_URL: '' },
    )
    const address = await program.ready
    const secret = { 'x-hasura-admin-secret': 'hush' }
    expect((await ask(address, '{ book(where: {owner: {_eq: 1}}) { id } }', secret)).text).toBe(
      '{"data":{"book":[{"id":"9007199254740993"}]}}',
    )
    // With the secret JSON need not say that it is JSON; no other site's page has the secret.
    const unsaid = { ...secret, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await ask(address, '{ book(limit: 0) { id } }', unsaid)).text).toBe('{"data":{"book":[]}}')
    expect(await ask(address, '', unsaid, '{"query":')).toEqual(failure('invalid-json', 'the body is not valid JSON'))
    const reader = { ...secret, 'x-hasura-role': 'reader', 'x-hasura-user-id': '2' }
    expect((await ask(address, '{ book { title } }', reader)).text).toBe('{"data":{"book":[{"title":"Other"}]}}')
    expect(await ask(address, '{ book { title } }', { 'x-hasura-admin-secret': 'wrong' })).toEqual(
      failure('access-denied', 'invalid x-hasura-admin-secret/x-hasura-access-key'),
    )
    expect(await ask(address, '{ book { id } }', { 'x-hasura-role': 'admin' })).toMatchObject({
      status: 200,
      text: expect.stringContaining("field 'id' not found in type: 'book'"),
    })
    expect(
      await ask(address, '{ book { title } }', { ...secret, 'x-hasura-use-backend-only-permissions': 'yeah' }),
    ).toEqual(
      failure(
        'bad-request',
        'x-hasura-use-backend-only-permissions:  Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive',
      ),
    )
  })

  it('refuses those without a secret when no role is theirs', async () => {
    const program = run(['--metadata', directory, '--port', '0'], { HASURA_GRAPHQL_ADMIN_SECRET: 'hush' })
    const address = await program.ready
    expect(await ask(address, '{ book { title } }')).toEqual(
      failure('access-denied', 'x-hasura-admin-secret/x-hasura-access-key required, but not found'),
    )
  })

  it('serves the source that was asked for, and says what of its metadata the database does not have', async () => {
    const args = ['--metadata', directory, '--port', '0', '--source', 'second', '--database-url', database.url]
    const program = run(args)
    const address = await program.ready
    expect(program.output()).toContain('left out: table public.missing does not exist')
    const health = await fetch(`${address}/healthz`)
    expect([health.status, await health.text()]).toEqual([200, 'WARN: inconsistent objects in schema'])
    expect((await fetch(`${address}/healthz?strict=true`)).status).toBe(500)
    expect((await fetch(`${address}/hasura/healthz`)).status).toBe(200)
  })

  it('says what is wrong', async () => {
    const broken = path.join(directory, 'broken')
    await mkdir(path.join(broken, 'databases'), { recursive: true })
    await writeFile(path.join(broken, 'version.yaml'), 'version: 3\n')
    await writeFile(path.join(broken, 'databases/databases.yaml'), '- name: a\n  kind: [postgres\n')
    const cases: [string[], Record<string, string>, RegExp][] = [
      [[], {}, /--metadata: not set; give the directory that holds version.yaml/],
      [['--metadata', '/no/such'], {}, /the metadata directory \/no\/such does not exist/],
      [['--metadata', broken], {}, /databases\/databases.yaml is not valid YAML: .* at line \d+, column \d+/],
      [['--metadata', directory, '--source', 'third'], {}, /has no source third; it has first, second/],
      [['--metadata', directory], { SHELF_DB_URL: '' }, /takes its address from SHELF_DB_URL, which is no postgresql:/],
      [['--metadata', directory, '--bad'], {}, /Unknown option '--bad'/],
      [['--metadata', directory, '--port', 'x'], {}, /--port: got "x", allowed is a whole number from 0 to 65535/],
    ]
    const errors: string[] = []
    vi.spyOn(console, 'error').mockImplementation(line => errors.push(String(line)))
    try {
      for (const [args, env, message] of cases) {
        vi.stubEnv('SHELF_DB_URL', database.url)
        for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
        await runCli(['graphql', ...args])
        expect([process.exitCode, errors.splice(0)]).toEqual([1, [expect.stringMatching(message)]])
        process.exitCode = undefined
      }
    } finally {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
      process.exitCode = undefined
    }
  })

  it('ends with a message and exit code 1, without a stack or a password', async () => {
    const program = run(['--metadata', directory, '--database-url', 'postgresql://u:hunter2@127.0.0.1:9/x'])
    expect(await program.exit).toBe(1)
    expect(program.output()).toMatch(/no Postgres answers at 127.0.0.1:9 \(--database-url\)/)
    expect(program.output()).not.toMatch(/hunter2|^ {4}at /m)
  })
})
