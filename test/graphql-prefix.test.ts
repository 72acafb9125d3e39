import { readFileSync } from 'node:fs'
import { parse, print, separateOperations } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine } from '../src/graphql/engine.ts'
import { prefixDocument } from '../src/graphql-prefix.ts'
import { readMetadata } from '../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from './support/postgres.ts'

const prefixed = (text: string): string => print(prefixDocument(parse(text), 'obs_'))

describe('a document for a source with a prefix', () => {
  it('has other root fields and types, and the same answer', () => {
    expect(
      prefixed(`query Q($where: invocations_bool_exp!, $order: [invocations_order_by!], $id: uuid!, $o: order_by, $s: String_comparison_exp) {
        invocations(where: $where, order_by: $order) { ...fields job_executions(order_by: { id: $o }) { id } }
        one: invocations_by_pk(id: $id) { ... on invocations { id } }
        ...more
        ... on query_root { events { id } }
        __typename
      }
      fragment fields on invocations { id }
      fragment more on query_root { job_executions { id } }`),
    ).toBe(
      print(
        parse(`query Q($where: obs_invocations_bool_exp!, $order: [obs_invocations_order_by!], $id: uuid!, $o: order_by, $s: String_comparison_exp) {
        invocations: obs_invocations(where: $where, order_by: $order) { ...fields job_executions(order_by: { id: $o }) { id } }
        one: obs_invocations_by_pk(id: $id) { ... on obs_invocations { id } }
        ...more
        ... on query_root { events: obs_events { id } }
        __typename
      }
      fragment fields on obs_invocations { id }
      fragment more on query_root { job_executions: obs_job_executions { id } }`),
      ),
    )
    const document = parse('{ a }')
    expect(prefixDocument(document, '')).toBe(document)
  })

  describe('at the embedded endpoint', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await createTestDatabase()
    })
    afterAll(() => database.drop())

    it('is understood: every example query, and those of the dashboard', async () => {
      const metadata = await readMetadata('hasura-metadata')
      const [source] = metadata.sources
      if (source) source.customization = { root_fields: { prefix: 'obs_' }, type_names: { prefix: 'obs_' } }
      const engine = await createGraphqlEngine({ pool: database.pool, metadata })
      expect(engine.inconsistencies).toEqual([])
      const texts = [
        readFileSync('model/example-queries.graphql', 'utf8'),
        ...['invocations', 'chain'].flatMap(page =>
          [
            ...readFileSync(`dashboard/src/pages/${page}/queries.ts`, 'utf8').matchAll(
              /gql`([^`$]*(?:\$(?!\{)[^`$]*)*)`/g,
            ),
          ].map(match => match[1] as string),
        ),
      ]
      const operations = texts.flatMap(text => Object.values(separateOperations(prefixDocument(parse(text), 'obs_'))))
      expect(operations.length).toBeGreaterThan(15)
      for (const operation of operations) {
        const answer = JSON.parse(await engine.execute({ query: print(operation) }, { role: 'admin', variables: {} }))
        // Variables are not given here; nothing else may be wrong.
        const complaints = (answer.errors ?? []).filter(
          (error: { message: string }) => !/expecting a value for non-nullable variable/.test(error.message),
        )
        expect(complaints, print(operation)).toEqual([])
      }
    })

    it('does not know the fields without the prefix', async () => {
      const metadata = await readMetadata('hasura-metadata')
      const [source] = metadata.sources
      if (source) source.customization = { root_fields: { prefix: 'obs_' } }
      const engine = await createGraphqlEngine({ pool: database.pool, metadata })
      await database.pool.query(
        `INSERT INTO ${SCHEMA}.invocations (id, correlation_id, source_function) VALUES (gen_random_uuid(), gen_random_uuid(), 'f')`,
      )
      const ask = (query: string) => engine.execute({ query }, { role: 'admin', variables: {} })
      expect(await ask(prefixed('{ invocations { source_function } }'))).toBe(
        '{"data":{"invocations":[{"source_function":"f"}]}}',
      )
      expect(await ask('{ invocations { id } }')).toContain("field 'invocations' not found in type: 'query_root'")
    })
  })
})
