import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { buildClientSchema, type DocumentNode, type GraphQLSchema, getIntrospectionQuery, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const PAGES = 'dashboard/src/pages'

/** Pages of which a viewer sees everything but what is named here: payloads, options, results, which the page leaves out. */
const VIEWERS_PAGES = [
  'jobs',
  'modules',
  'compare',
  'overview',
  'map',
  'analytics',
  'telemetry',
  'correlations',
  'traces',
]
const FOR_OPERATORS = ['compare INVOCATION_SECRETS', 'compare JOB_RUN_SECRETS', 'overview QUARANTINED']

describe('the queries of the pages', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let queries: Map<string, DocumentNode>

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    queries = await readQueries()
  })
  afterAll(() => database.drop())

  async function schemaOf(role: string): Promise<GraphQLSchema> {
    const answer = JSON.parse(await engine.execute({ query: getIntrospectionQuery() }, { role, variables: {} }))
    return buildClientSchema(answer.data)
  }
  const refused = (schema: GraphQLSchema): string[] =>
    [...queries].flatMap(([name, query]) => (validate(schema, query).length > 0 ? [name] : [])).sort()

  it('are understood by the endpoint', async () => {
    expect(queries.size).toBeGreaterThan(40)
    expect(refused(await schemaOf('observability_operator'))).toEqual([])
  })

  it('ask for nothing that a viewer may not see', async () => {
    const names = refused(await schemaOf('observability_viewer'))
    expect(names.filter(name => VIEWERS_PAGES.includes(name.split(' ')[0] ?? ''))).toEqual(FOR_OPERATORS)
  })
})

async function readQueries(): Promise<Map<string, DocumentNode>> {
  const queries = new Map<string, DocumentNode>()
  for (const page of readdirSync(PAGES)) {
    if (!readdirSync(`${PAGES}/${page}`).includes('queries.ts')) continue
    const module: Record<string, unknown> = await import(pathToFileURL(`${PAGES}/${page}/queries.ts`).href)
    for (const [name, value] of Object.entries(module)) {
      if (isDocument(value)) queries.set(`${page} ${name}`, value)
    }
  }
  return queries
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Document'
}
