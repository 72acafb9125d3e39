import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { type MetadataSource, readMetadata } from '../../src/hasura/metadata.ts'
import { COLUMNS } from '../../src/store/tables.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

describe('readMetadata', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'metadata-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  let count = 0
  /** A metadata directory with these files. */
  async function given(files: Record<string, string>): Promise<string> {
    const root = path.join(directory, String(count++))
    for (const [file, content] of Object.entries({ 'version.yaml': 'version: 3\n', ...files })) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true })
      await writeFile(path.join(root, file), content)
    }
    return root
  }
  const databases = (table: string) => ({ 'databases/databases.yaml': `- name: a\n  tables:\n    - ${table}\n` })

  it('takes !include as quoted text and as a tag, relative to the file that includes', async () => {
    const root = await given({
      'databases/databases.yaml':
        '- name: a\n  kind: postgres\n  configuration: {connection_info: {database_url: {from_env: X}}}\n  tables: "!include a/tables/tables.yaml"\n  functions: !include a/functions/functions.yaml\n',
      'databases/a/tables/tables.yaml': '- "!include public_t.yaml"\n- !include other_u.yaml\n- plain\n',
      'databases/a/tables/public_t.yaml': 'table: {name: t, schema: public}\n',
      'databases/a/tables/other_u.yaml': 'table: {name: u, schema: other}\nis_enum: true\n',
      'databases/a/functions/functions.yaml': '- function: {name: f, schema: other}\n- g\n',
    })
    expect(await readMetadata(root)).toEqual({
      version: 3,
      sources: [
        {
          name: 'a',
          kind: 'postgres',
          configuration: { connection_info: { database_url: { from_env: 'X' } } },
          tables: [
            { table: { schema: 'public', name: 't' } },
            { table: { schema: 'other', name: 'u' }, is_enum: true },
            { table: { schema: 'public', name: 'plain' } },
          ],
          functions: [{ function: { schema: 'other', name: 'f' } }, { function: { schema: 'public', name: 'g' } }],
        },
      ],
    })
  })

  it('takes a missing databases file as no source at all', async () => {
    expect(await readMetadata(await given({}))).toEqual({ version: 3, sources: [] })
  })

  it('leaves out permissions whose rows nobody would validate, and says so', async () => {
    const webhook = 'validate_input: {type: http, definition: {url: http://x}}'
    const root = await given(
      databases(
        `{table: t, insert_permissions: [{role: a, permission: {check: {}, ${webhook}}}, {role: b, permission: {check: {}}}], delete_permissions: [{role: a, permission: {filter: {}, ${webhook}}}]}`,
      ),
    )
    const { sources, ignored } = await readMetadata(root)
    expect(sources[0]?.tables[0]?.insert_permissions?.map(({ role }) => role)).toEqual(['b'])
    expect(sources[0]?.tables[0]?.delete_permissions).toEqual([])
    expect(ignored).toEqual([
      'insert permission of role a on t with validate_input is not supported and left out',
      'delete permission of role a on t with validate_input is not supported and left out',
    ])
  })

  it('reads limits of requests, and says what is wrong with one', async () => {
    const read = async (text: string) => readMetadata(await given({ 'api_limits.yaml': text }))
    const limits = await read(
      'rate_limit: { global: { max_reqs_per_min: 5, unique_params: IP }, per_role: { user: { max_reqs_per_min: 9, unique_params: null } } }\ntime_limit: { global: 3 }\n',
    )
    expect(limits.ignored).toBeUndefined()
    expect(limits.api_limits).toEqual({
      rate_limit: {
        global: { max_reqs_per_min: 5, unique_params: 'IP' },
        per_role: { user: { max_reqs_per_min: 9 } },
      },
      time_limit: { global: 3 },
    })
    await expect(read('rate_limit: { global: { unique_params: host } }')).rejects.toThrow(
      'api_limits.yaml: rate_limit.global has no max_reqs_per_min, which is required',
    )
  })

  it('reads every form of relationship', async () => {
    const root = await given({
      'databases/databases.yaml': `
- name: a
  tables:
    - table: {schema: public, name: t}
      object_relationships:
        - {name: one, using: {foreign_key_constraint_on: x_id}}
        - {name: two, using: {foreign_key_constraint_on: [x, y]}}
        - {name: back, using: {foreign_key_constraint_on: {table: u, column: t_id}}}
        - {name: manual, using: {manual_configuration: {remote_table: {schema: s, name: v}, column_mapping: {a: b}, insertion_order: null}}}
      array_relationships:
        - {name: many, using: {foreign_key_constraint_on: {table: {schema: s, name: v}, columns: [p, q]}}, comment: c}
`,
    })
    const [source] = (await readMetadata(root)).sources
    expect(source?.tables[0]?.object_relationships).toEqual([
      { name: 'one', using: { kind: 'foreign_key', columns: ['x_id'] } },
      { name: 'two', using: { kind: 'foreign_key', columns: ['x', 'y'] } },
      {
        name: 'back',
        using: { kind: 'reverse_foreign_key', table: { schema: 'public', name: 'u' }, columns: ['t_id'] },
      },
      {
        name: 'manual',
        using: { kind: 'manual', remote_table: { schema: 's', name: 'v' }, column_mapping: { a: 'b' } },
      },
    ])
    expect(source?.tables[0]?.array_relationships).toEqual([
      {
        name: 'many',
        using: { kind: 'reverse_foreign_key', table: { schema: 's', name: 'v' }, columns: ['p', 'q'] },
        comment: 'c',
      },
    ])
  })

  it('reads event triggers with the defaults of Hasura', async () => {
    const root = await given(
      databases(`{table: t, event_triggers: [
        {name: x, definition: {enable_manual: true, insert: {columns: '*'}, update: {columns: [a], payload: [a, b]}}, webhook_from_env: URL, headers: [{name: h, value_from_env: S}], retry_conf: {num_retries: 3}},
        {name: y, definition: {delete: {columns: '*'}}, webhook: 'http://x'}]}`),
    )
    expect((await readMetadata(root)).sources[0]?.tables[0]?.event_triggers).toEqual([
      {
        name: 'x',
        definition: { enable_manual: true, insert: { columns: '*' }, update: { columns: ['a'], payload: ['a', 'b'] } },
        webhook_from_env: 'URL',
        headers: [{ name: 'h', value_from_env: 'S' }],
        retry_conf: { num_retries: 3, interval_sec: 10, timeout_sec: 60 },
      },
      { name: 'y', definition: { enable_manual: false, delete: { columns: '*' } }, webhook: 'http://x' },
    ])
  })

  it('reads one schema as another, also where permissions name it', async () => {
    const root = await given(
      databases(`{table: {schema: from, name: t}, select_permissions: [{role: r, permission: {columns: '*', filter: {_and: [{_exists: {_table: {schema: from, name: u}, _where: {}}}]}}}],
        array_relationships: [{name: m, using: {manual_configuration: {remote_table: {schema: from, name: v}, column_mapping: {}}}}]}`),
    )
    const { sources } = await readMetadata(root, { renameSchema: { from: 'from', to: 'to' } })
    expect(sources[0]?.tables[0]).toEqual({
      table: { schema: 'to', name: 't' },
      array_relationships: [
        { name: 'm', using: { kind: 'manual', remote_table: { schema: 'to', name: 'v' }, column_mapping: {} } },
      ],
      select_permissions: [
        {
          role: 'r',
          permission: {
            columns: '*',
            filter: { _and: [{ _exists: { _table: { schema: 'to', name: 'u' }, _where: {} } }] },
            allow_aggregations: false,
          },
        },
      ],
    })
  })

  it.each<[string, Record<string, string>, string]>([
    ['another version', { 'version.yaml': 'version: 2\n' }, 'version.yaml: version must be 3'],
    ['no version', { 'version.yaml': 'a: 3\n' }, 'version.yaml: the file has no version, which is required'],
    ['broken YAML', { 'databases/databases.yaml': 'a: [' }, 'databases/databases.yaml is not valid YAML'],
    [
      'an include of nothing',
      { 'databases/databases.yaml': '- name: a\n  tables: "!include gone.yaml"\n' },
      'databases/databases.yaml includes databases/gone.yaml, which does not exist',
    ],
    [
      'an include of itself',
      { 'databases/databases.yaml': '- name: a\n  tables: "!include databases.yaml"\n' },
      'databases/databases.yaml includes databases/databases.yaml: a file cannot include itself',
    ],
    [
      'a table without name',
      databases('{table: {schema: s}}'),
      'databases/databases.yaml: [0].tables[0].table has no name',
    ],
    [
      'a wrong value',
      databases('{table: t, event_triggers: [{name: x, webhook: y, definition: {}, retry_conf: {num_retries: many}}]}'),
      '[0].tables[0].event_triggers[0].retry_conf.num_retries must be a whole number from 0',
    ],
    [
      'a trigger without address',
      databases('{table: t, event_triggers: [{name: x, definition: {}}]}'),
      '[0].tables[0].event_triggers[0] must have webhook or webhook_from_env',
    ],
    [
      'a relationship to nowhere',
      databases('{table: t, array_relationships: [{name: x, using: {}}]}'),
      'foreign_key_constraint_on or manual_configuration',
    ],
  ])('refuses %s, naming file and key', async (_what, files, message) => {
    await expect(readMetadata(await given(files))).rejects.toMatchObject({
      code: 'METADATA_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('refuses a directory that is none', async () => {
    await expect(readMetadata(path.join(directory, 'none'))).rejects.toMatchObject({ code: 'METADATA_INVALID' })
  })
})

describe('the metadata we ship', () => {
  let database: TestDatabase
  let source: MetadataSource
  beforeAll(async () => {
    database = await createTestDatabase()
    source = (await readMetadata('hasura-metadata')).sources[0] as MetadataSource
  })
  afterAll(() => database.drop())

  it('tracks every table and view once, and no partition', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
         AND c.relname <> 'schema_migrations'
       ORDER BY 1`,
      [SCHEMA],
    )
    expect(source.tables.map(({ table }) => table.name).sort()).toEqual(rows.map(row => row.name))
    for (const { table, configuration } of source.tables) {
      expect(table.schema).toBe(SCHEMA)
      expect(configuration?.custom_name).toBe(table.name)
    }
  })

  it('tracks every function that returns rows of a table', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT p.proname AS name FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
       WHERE p.pronamespace = $1::regnamespace AND p.proretset AND t.typrelid <> 0 ORDER BY 1`,
      [SCHEMA],
    )
    expect(source.functions.map(item => item.function.name)).toEqual(rows.map(row => row.name))
  })

  it('names only columns and relationships that exist', async () => {
    const engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    expect(engine.inconsistencies).toEqual([])
    const { rows } = await database.pool.query<{ table: string; columns: string[] }>(
      `SELECT relname AS table, array_agg(attname::text) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
       WHERE relnamespace = $1::regnamespace GROUP BY 1`,
      [SCHEMA],
    )
    const columnsOf = new Map(rows.map(row => [row.table, row.columns]))
    for (const { table, select_permissions: permissions } of source.tables) {
      const real = columnsOf.get(table.name) ?? []
      const viewer = permissions?.find(item => item.role === 'observability_viewer')?.permission
      const operator = permissions?.find(item => item.role === 'observability_operator')?.permission
      expect(operator?.columns).toBe('*')
      const visible = (viewer?.columns ?? []) as string[]
      expect(new Set(visible).size).toBe(visible.length)
      expect(real).toEqual(expect.arrayContaining(visible))
      // A new column has to be given to the viewer or listed here, on purpose.
      const hidden = real.filter(column => !visible.includes(column)).sort()
      expect({ [table.name]: hidden }).toEqual({ [table.name]: HIDDEN_FROM_VIEWER[table.name] ?? [] })
    }
  })

  it('lets the writer write what the plugin writes, and see nothing', () => {
    const permissionsOf = (kind: 'insert_permissions' | 'update_permissions' | 'select_permissions') =>
      Object.fromEntries(
        source.tables.flatMap(item => {
          const found = (item[kind] as { role: string; permission: { columns?: unknown } }[] | undefined)?.find(
            permission => permission.role === 'observability_writer',
          )
          return found ? [[item.table.name, found.permission.columns]] : []
        }),
      )
    const { invocations, event_executions, job_executions } = Object.fromEntries(
      Object.entries(COLUMNS).map(([table, columns]) => [table, Object.keys(columns)]),
    ) as Record<string, string[]>
    const executions = { invocations, event_executions, job_executions }
    const row = ['row', 'error_code', 'error_message', 'instance']
    expect(permissionsOf('insert_permissions')).toEqual({
      ...executions,
      events: '*',
      instances: ['id', 'started_at', 'ended_at', 'host', 'pid', 'version'],
      quarantined_rows: ['table_name', 'row_id', ...row],
    })
    const withoutId = (columns: string[] | undefined) => columns?.filter(column => column !== 'id')
    expect(permissionsOf('update_permissions')).toEqual({
      ...Object.fromEntries(Object.entries(executions).map(([table, columns]) => [table, withoutId(columns)])),
      events: ['ingested_at'],
      instances: ['heartbeat_at', 'ended_at'],
      quarantined_rows: [...row, 'created_at'],
    })
    expect(permissionsOf('select_permissions')).toEqual({})
  })

  it('works in a schema of another name', async () => {
    const other = await createTestDatabase()
    await other.pool.query(`ALTER SCHEMA ${SCHEMA} RENAME TO tenant_7`)
    const metadata = await readMetadata('hasura-metadata', { renameSchema: { from: SCHEMA, to: 'tenant_7' } })
    const engine = await createGraphqlEngine({ pool: other.pool, metadata })
    expect(engine.inconsistencies).toEqual([])
    const query = '{ invocations { id job_executions { logs { id } } } }'
    expect(await engine.execute({ query }, { role: 'observability_viewer', variables: {} })).toBe(
      '{"data":{"invocations":[]}}',
    )
    await other.drop()
  })
})

// Payloads, personal data, stacks, and whatever may contain them.
const HIDDEN_FROM_VIEWER: Record<string, string[]> = {
  invocations: ['context_data', 'error_stack', 'source_event_payload', 'source_user_email'],
  event_executions: ['detection_error_stack', 'detection_facts', 'handler_error_stack'],
  instances: ['host', 'pid'],
  job_executions: ['error_stack', 'job_options', 'result'],
  // Rows of any table, whole: the viewer has no permission on it at all.
  quarantined_rows: ['created_at', 'error_code', 'error_message', 'id', 'instance', 'row', 'row_id', 'table_name'],
  events: [
    ...[
      'actor_id',
      'actor_name',
      'anonymous_id',
      'attributes',
      'context',
      'data',
      'db_after',
      'db_before',
      'db_statement',
    ],
    ...['error_stack', 'http_query', 'http_referrer', 'http_url', 'page_search', 'properties', 'replay_data', 'traits'],
  ],
}
