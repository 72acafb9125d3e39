import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readDirectory } from '../../src/hasura/metadata-node.ts'
import { readOwnMetadata } from '../../src/hasura/own-metadata.ts'
import { METADATA_DIR } from '../../src/package-files.ts'
import { SCHEMA } from '../support/postgres.ts'

/** What an object of the metadata may hold, as Hasura publishes it; keys with `!` have to be there. */
type Shape = {
  readonly [key: string]: Shape | readonly [Shape] | 'text' | 'boolean' | 'number' | 'any' | RegExp | null
}

const NAME: Shape = { 'schema!': 'text', 'name!': 'text' }
const MANUAL: Shape = { 'remote_table!': NAME, 'column_mapping!': 'any', insertion_order: /^(before|after)_parent$/ }
const RELATIONSHIP: Shape = {
  'name!': 'text',
  'using!': { manual_configuration: MANUAL, foreign_key_constraint_on: 'any' },
  comment: 'text',
}
const SELECT: Shape = {
  'role!': 'text',
  'permission!': {
    'columns!': 'any',
    'filter!': 'any',
    limit: 'number',
    allow_aggregations: 'boolean',
    computed_fields: 'any',
    query_root_fields: 'any',
    subscription_root_fields: 'any',
  },
  comment: 'text',
}
const write = (fields: Shape): Shape => ({
  'role!': 'text',
  'permission!': { ...fields, set: 'any', backend_only: 'boolean', validate_input: 'any' },
  comment: 'text',
})
const TABLE: Shape = {
  'table!': NAME,
  is_enum: 'boolean',
  configuration: {
    custom_name: 'text',
    comment: 'text',
    column_config: 'any',
    custom_column_names: 'any',
    custom_root_fields: 'any',
  },
  object_relationships: [RELATIONSHIP],
  array_relationships: [RELATIONSHIP],
  computed_fields: [
    {
      'name!': 'text',
      'definition!': { 'function!': NAME, table_argument: 'text', session_argument: 'text' },
      comment: 'text',
    },
  ],
  select_permissions: [SELECT],
  insert_permissions: [write({ 'check!': 'any', columns: 'any' })],
  update_permissions: [write({ 'columns!': 'any', 'filter!': 'any', check: 'any' })],
  delete_permissions: [write({ 'filter!': 'any' })],
}
const FUNCTION: Shape = {
  'function!': NAME,
  configuration: {
    custom_name: 'text',
    custom_root_fields: 'any',
    exposed_as: /^(query|mutation)$/,
    session_argument: 'text',
  },
  permissions: [{ 'role!': 'text' }],
  comment: 'text',
}
const SOURCE: Shape = {
  'name!': 'text',
  'kind!': /^postgres$/,
  'configuration!': {
    'connection_info!': {
      'database_url!': 'any',
      isolation_level: /^(read-committed|repeatable-read|serializable)$/,
      pool_settings: {
        max_connections: 'number',
        idle_timeout: 'number',
        retries: 'number',
        pool_timeout: 'number',
        connection_lifetime: 'number',
        total_max_connections: 'number',
      },
      use_prepared_statements: 'boolean',
      ssl_configuration: 'any',
    },
    extensions_schema: 'text',
  },
  customization: {
    root_fields: { namespace: 'text', prefix: 'text', suffix: 'text' },
    type_names: { prefix: 'text', suffix: 'text' },
    naming_convention: /^(hasura|graphql)-default$/,
  },
  'tables!': [TABLE],
  functions: [FUNCTION],
}
const COLLECTION: Shape = {
  'name!': 'text',
  'definition!': { 'queries!': [{ 'name!': 'text', 'query!': 'text' }] },
  comment: 'text',
}
const REST: Shape = {
  'name!': 'text',
  'url!': 'text',
  'methods!': 'any',
  'definition!': { 'query!': { 'collection_name!': 'text', 'query_name!': 'text' } },
  comment: 'text',
}

/** Every mistake, with where it is. */
function mistakes(value: unknown, shape: Shape[string], at: string): string[] {
  // Null stands for what is not set.
  if (value === null || shape === 'any' || shape === null) return []
  if (shape instanceof RegExp) return typeof value === 'string' && shape.test(value) ? [] : [`${at}: ${value}`]
  if (typeof shape === 'string')
    return typeof value === (shape === 'text' ? 'string' : shape) ? [] : [`${at}: no ${shape}`]
  if (Array.isArray(shape)) {
    return Array.isArray(value)
      ? value.flatMap((item, index) => mistakes(item, shape[0], `${at}[${index}]`))
      : [`${at}: no list`]
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${at}: no object`]
  const fields = value as Record<string, unknown>
  const object = shape as Shape
  const known = new Map(Object.keys(object).map(key => [key.replace('!', ''), key]))
  const missing = [...known].filter(([name, key]) => key.endsWith('!') && fields[name] === undefined)
  return [
    ...missing.map(([name]) => `${at}: has no ${name}`),
    ...Object.entries(fields).flatMap(([name, item]) => {
      const key = known.get(name)
      return key === undefined
        ? [`${at}: Hasura knows no ${name}`]
        : mistakes(item, object[key] ?? null, `${at}.${name}`)
    }),
  ]
}

describe("Hasura's keys", () => {
  it('are those of our directory', async () => {
    const { databases } = await readDirectory(METADATA_DIR)
    const sources = databases.list().map(node => node.object())
    expect(sources.flatMap((source, index) => mistakes(source, SOURCE, `sources[${index}]`))).toEqual([])
    const read = (file: string): unknown => parse(readFileSync(`${METADATA_DIR}/${file}`, 'utf8'))
    expect(mistakes(read('version.yaml'), { 'version!': 'number' }, 'version.yaml')).toEqual([])
    expect(mistakes(read('query_collections.yaml'), [COLLECTION], 'query_collections')).toEqual([])
    expect(mistakes(read('rest_endpoints.yaml'), [REST], 'rest_endpoints')).toEqual([])
  })

  it('are those of what is put into a running Hasura', async () => {
    for (const [prefix, databaseUrl] of [
      ['observability_', null],
      ['', { from_env: 'X' }],
    ] as const) {
      const own = await readOwnMetadata({
        directory: METADATA_DIR,
        exampleQueries: readFileSync('model/example-queries.graphql', 'utf8'),
        schema: { from: SCHEMA, to: 'tenant' },
        prefix,
        databaseUrl,
      })
      expect(mistakes(own.source, SOURCE, 'source')).toEqual([])
      expect(mistakes(own.collections, [COLLECTION], 'collections')).toEqual([])
      expect(mistakes(own.restEndpoints, [REST], 'endpoints')).toEqual([])
    }
  })

  it('are looked at: what is wrong is found', () => {
    const source = {
      name: 'a',
      kind: 'mysql',
      configuration: { connection_info: {} },
      tables: [{ table: 't', select: [] }],
    }
    expect(mistakes(source, SOURCE, 's')).toEqual([
      's.kind: mysql',
      's.configuration.connection_info: has no database_url',
      's.tables[0].table: no object',
      's.tables[0]: Hasura knows no select',
    ])
  })
})
