import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import { difference } from '../../src/hasura/apply/difference.ts'
import { HasuraDouble } from '../support/hasura-double.ts'

// biome-ignore lint/suspicious/noExplicitAny: metadata as it comes.
type Any = any

/** What a team has in its Hasura before we come: everything that must not change. */
const theirs = (): Any => ({
  version: 3,
  sources: [
    {
      name: 'default',
      kind: 'postgres',
      configuration: { connection_info: { database_url: { from_env: 'PG_URL' }, isolation_level: 'serializable' } },
      tables: [
        {
          table: { schema: 'public', name: 'invocations' },
          select_permissions: [
            { role: 'user', permission: { columns: ['id'], filter: { id: { _eq: 'X-Hasura-Id' } } } },
          ],
        },
      ],
      functions: [],
      logical_models: [{ name: 'of a newer Hasura', fields: [] }],
    },
    { name: 'warehouse', kind: 'mssql', tables: [{ table: { schema: 'dbo', name: 'stock' } }], configuration: {} },
  ],
  actions: [{ name: 'login', definition: { handler: 'http://x' } }],
  custom_types: { objects: [] },
  query_collections: [{ name: 'allowed-queries', definition: { queries: [{ name: 'q', query: '{ a }' }] } }],
  allowlist: [{ collection: 'allowed-queries', scope: { global: true } }],
  rest_endpoints: [{ name: 'theirs', url: 'x', methods: ['GET'], definition: { query: {} } }],
  inherited_roles: [{ role_name: 'both', role_set: ['clerk', 'user'] }],
  something_of_a_newer_hasura: { a: 1 },
})

describe('hasura-observability hasura', () => {
  let hasura: HasuraDouble
  let output: string[]
  let errors: string[]

  beforeEach(async () => {
    hasura = await new HasuraDouble(theirs(), 's3cret').start()
    output = []
    errors = []
    vi.spyOn(console, 'log').mockImplementation(line => output.push(String(line)))
    vi.spyOn(console, 'error').mockImplementation(line => errors.push(String(line)))
    vi.stubEnv('HASURA_GRAPHQL_ENDPOINT', `${hasura.url}/v1/graphql`)
    vi.stubEnv('HASURA_GRAPHQL_ADMIN_SECRET', 's3cret')
    vi.stubEnv('OBSERVABILITY_SCHEMA', '')
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    process.exitCode = undefined
    await hasura.stop()
  })

  const run = async (...args: string[]): Promise<string> => {
    output = []
    errors = []
    process.exitCode = undefined
    await runCli(['hasura', ...args])
    return [...output, ...errors].join('\n')
  }
  const ours = (): Any => (hasura.metadata.sources as Any[]).find(source => source.name === 'observability')
  const tableOf = (name: string): Any => ours().tables.find((table: Any) => table.table.name === name)
  /** Everything but our part. */
  const rest = (): Any => ({
    ...hasura.metadata,
    sources: (hasura.metadata.sources as Any[]).filter(source => source.name !== 'observability'),
    query_collections: (hasura.metadata.query_collections as Any[]).filter(
      item => !item.name.startsWith('event_detector_'),
    ),
    rest_endpoints: (hasura.metadata.rest_endpoints as Any[]).filter(item => !item.name.startsWith('event_detector_')),
  })

  it('adds our source, and only that', async () => {
    const text = await run('apply')
    expect(errors).toEqual([])
    expect(process.exitCode).toBeUndefined()
    expect(text).toMatch(/^\+ sources\[observability\] \(\d+ tables, \d+ functions\)$/m)
    expect(text).toMatch(/^\+ query_collections\[event_detector_observability_queries\]/m)
    expect(text).toContain('Applied.\nTry: query { observability_invocations(')
    // The double's export leaves out what is empty, as Hasura's does.
    const { query_collections: _, ...expected } = theirs()
    delete expected.sources[0].functions
    delete expected.sources[0].logical_models[0].fields
    delete expected.custom_types.objects
    expect(rest()).toMatchObject(expected)
    expect(Object.keys(rest()).sort()).toEqual(Object.keys(theirs()).sort())
    expect((hasura.metadata.query_collections as Any[])[0]).toEqual(theirs().query_collections[0])
    expect(ours()).toMatchObject({
      kind: 'postgres',
      configuration: { connection_info: { database_url: { from_env: 'OBSERVABILITY_DB_URL' } } },
      customization: { root_fields: { prefix: 'observability_' }, type_names: { prefix: 'observability_' } },
    })
    expect(hasura.resourceVersion).toBe(8)
    expect(hasura.requests.at(-1)?.body).toMatchObject({ version: 2, resource_version: 7 })
  })

  it('saves the example queries as they have to be asked there', async () => {
    await run('apply')
    const collection = (hasura.metadata.query_collections as Any[])[1]
    const trace = collection.definition.queries.find((query: Any) => query.name === 'TraceCorrelationId').query
    expect(trace).toMatch(
      /^query TraceCorrelationId\(\$correlationId: String!\) \{\n {2}invocations: observability_invocations\(/,
    )
    expect(trace).toContain('\n    event_executions {')
    await run('apply', '--no-prefix')
    const plain = (hasura.metadata.query_collections as Any[])[1].definition.queries
    expect(plain.find((query: Any) => query.name === 'TraceCorrelationId').query).toContain('\n  invocations(')
  })

  it('changes nothing the second time', async () => {
    await run('apply')
    const text = await run('apply')
    expect(text).toMatch(/^Nothing to change\.$/m)
    expect(hasura.replaced).toBe(1)
  })

  it('prints the difference in a dry run, and writes nothing', async () => {
    expect(await run('apply', '--dry-run')).toMatch(
      /\+ sources\[observability\][\s\S]*Nothing was changed: --dry-run\.$/,
    )
    expect(hasura.replaced).toBe(0)
    await run('apply')
    const text = await run('apply', '--dry-run', '--prefix', 'obs_')
    expect(text).toMatch(/^~ sources\[observability\]\.customization\.root_fields\.prefix: "observability_" → "obs_"$/m)
    expect(text).not.toMatch(/tables/)
    expect(await run('remove', '--dry-run')).toMatch(/^- sources\[observability\] /m)
    expect(hasura.replaced).toBe(1)
  })

  it('brings an older version of our source up to date, and keeps what somebody added to it', async () => {
    await run('apply')
    const invocations = tableOf('invocations')
    invocations.select_permissions.push({ role: 'support', permission: { columns: ['id'], filter: {} } })
    invocations.remote_relationships = [{ name: 'order', definition: { to_source: { source: 'default' } } }]
    invocations.object_relationships.push({ name: 'of_an_older_version', using: {} })
    const viewer = invocations.select_permissions.find((item: Any) => item.role === 'observability_viewer')
    viewer.permission.columns = ['id', 'error_stack']
    ours().configuration.connection_info.pool_settings = { max_connections: 3 }
    ours().tables.push({ table: { schema: 'public', name: 'their_notes' } })
    ours().tables.push({ table: { schema: 'event_detector_observability', name: 'gone' } })
    const text = await run('apply')
    expect(text).toMatch(/select_permissions\[observability_viewer\]\.permission\.columns\[error_stack\]$/m)
    expect(text).toMatch(/^- sources\[observability\]\.tables\[event_detector_observability\.gone\]/m)
    expect(text).toMatch(/^- .*object_relationships\[of_an_older_version\]/m)
    expect(
      tableOf('invocations')
        .select_permissions.map((item: Any) => item.role)
        .sort(),
    ).toEqual([...['observability_operator', 'observability_viewer', 'support']])
    expect(tableOf('invocations').remote_relationships).toHaveLength(1)
    expect(tableOf('their_notes')).toBeDefined()
    expect(tableOf('gone')).toBeUndefined()
    expect(ours().configuration.connection_info.pool_settings).toEqual({ max_connections: 3 })
  })

  it('keeps what somebody else changes in between, and tries again', async () => {
    let changes = 0
    hasura.beforeReplace = () => {
      if (changes++ > 1) return
      hasura.metadata = { ...hasura.metadata, [`change_${changes}`]: true }
      hasura.resourceVersion++
    }
    await run('apply')
    expect(process.exitCode).toBeUndefined()
    expect(hasura.replaced).toBe(3)
    expect(hasura.metadata).toMatchObject({ change_1: true, change_2: true })
    expect(ours()).toBeDefined()
  })

  it('gives up when it goes on and on', async () => {
    hasura.beforeReplace = () => {
      hasura.resourceVersion++
    }
    expect(await run('apply')).toMatch(/metadata has changed meanwhile: metadata resource version referenced/)
    expect(process.exitCode).toBe(1)
    expect(hasura.replaced).toBe(5)
    expect(ours()).toBeUndefined()
  })

  it('takes our part out again, and only that', async () => {
    await run('apply')
    ;(hasura.metadata.rest_endpoints as Any[]).push({ name: 'event_detector_observability_x', url: 'y' })
    ;(hasura.metadata.allowlist as Any[]).push({ collection: 'event_detector_observability_queries' })
    const text = await run('remove')
    expect(text).toMatch(
      /^- sources\[observability\][\s\S]*^- query_collections\[event_[\s\S]*^- rest_endpoints\[[\s\S]*Removed\.$/m,
    )
    expect(ours()).toBeUndefined()
    expect(JSON.stringify(hasura.metadata)).not.toContain('observability')
    expect(hasura.metadata).toMatchObject({
      query_collections: theirs().query_collections,
      allowlist: theirs().allowlist,
      rest_endpoints: theirs().rest_endpoints,
    })
    expect(await run('remove')).toBe('Nothing to change.')
    expect(hasura.replaced).toBe(2)
  })

  it('tells what is inconsistent, and exits with 1', async () => {
    const before = { name: 'action login', type: 'action', reason: 'theirs', definition: {} }
    hasura.inconsistent = [before]
    expect(await run('apply')).not.toContain('theirs')
    expect(process.exitCode).toBeUndefined()
    hasura.inconsistent = [
      before,
      {
        name: 'source observability',
        type: 'source',
        reason: 'OBSERVABILITY_DB_URL is not set',
        definition: 'observability',
      },
    ]
    const text = await run('apply', '--prefix', 'other_')
    expect(text).toMatch(
      /Hasura finds inconsistent:\n {2}source observability: OBSERVABILITY_DB_URL is not set\nCheck that/,
    )
    expect(text).not.toContain('theirs')
    expect(process.exitCode).toBe(1)
    // Also when there is nothing to change.
    await run('apply', '--prefix', 'other_')
    expect(process.exitCode).toBe(1)
  })

  it('does not take over a source of that name that is not ours', async () => {
    ;(hasura.metadata.sources as Any[]).push({
      name: 'observability',
      tables: [{ table: { schema: 'public', name: 'x' } }],
    })
    expect(await run('apply')).toMatch(/has a source "observability" that is not ours: it tracks public\.x/)
    expect(await run('remove')).toMatch(/not ours/)
    expect(hasura.replaced).toBe(0)
  })

  it('puts schema and address where it is told to', async () => {
    vi.stubEnv('OBSERVABILITY_SCHEMA', 'tenant_7')
    await run('apply', '--database-url-env', 'OBS_URL')
    expect(JSON.stringify(ours())).not.toContain('"schema":"event_detector_observability"')
    expect(tableOf('invocations').table.schema).toBe('tenant_7')
    expect(ours().configuration.connection_info.database_url).toEqual({ from_env: 'OBS_URL' })
    await run('apply', '--database-url', 'postgres://u@h/d')
    expect(ours().configuration.connection_info.database_url).toBe('postgres://u@h/d')
    await run('apply')
    expect(ours().configuration.connection_info.database_url).toBe('postgres://u@h/d')
  })

  it('says what is wrong with secret, address and arguments', async () => {
    expect(await run('apply', '--admin-secret', 'wrong')).toMatch(
      /Hasura refused \(access-denied\): invalid "x-hasura-admin-secret".*Check HASURA_GRAPHQL_ADMIN_SECRET or --admin-secret/,
    )
    expect(process.exitCode).toBe(1)
    const away = await new HasuraDouble({}).start()
    await away.stop()
    expect(await run('apply', '--endpoint', away.url)).toMatch(
      /no Hasura answers at http:\/\/127\.0\.0\.1:\d+\/v1\/metadata: .*ECONNREFUSED.*Check that it runs/,
    )
    hasura.metadataApi = false
    expect(await run('apply')).toMatch(/resource does not exist/)
    expect(await run('deploy')).toMatch(/needs apply or remove/)
    expect(await run('apply', '--prefix', '1x')).toMatch(/--prefix takes letters/)
    expect(await run('apply', '--prefix', 'x', '--no-prefix')).toMatch(/takes --prefix or --no-prefix/)
    expect(await run('apply', '--endpoint', 'hasura')).toMatch(/--endpoint takes an address/)
    expect(await run('apply', '--force')).toMatch(/Unknown option '--force'/)
    vi.stubEnv('HASURA_GRAPHQL_ENDPOINT', '')
    expect(await run('apply')).toMatch(/needs --endpoint/)
    expect(hasura.replaced).toBe(0)
  })
})

describe('difference', () => {
  it('takes lists by name, and what is empty as not there', () => {
    expect(
      difference({ a: [{ name: 'x' }, { name: 'y', z: 1 }], b: null }, { a: [{ name: 'y', z: 2 }], c: [] }),
    ).toEqual(['- a[x]', '~ a[y].z: 1 → 2'])
    expect(difference({ columns: ['a', 'b'] }, { columns: ['b', 'a'], allow: false })).toEqual([])
    expect(difference({ columns: '*' }, { columns: ['a'] })).toEqual(['~ columns: "*" → ["a"]'])
  })
})
