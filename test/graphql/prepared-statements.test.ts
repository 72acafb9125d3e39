import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { LIBRARY_METADATA, LIBRARY_SQL } from './support/library.ts'

let database: TestDatabase
/** One connection, so that what is prepared on it can be seen. */
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(LIBRARY_SQL)
})
beforeEach(() => {
  pool = createPool({ connectionString: database.url, max: 1 })
})
afterEach(() => pool.end())
afterAll(() => database.drop())

const NAME = 'query ($id: Int!) { author_by_pk(id: $id) { name } }'
const prepared = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ statement: string }>(
    `SELECT statement FROM pg_prepared_statements WHERE name LIKE 'graphql%' ORDER BY prepare_time`,
  )
  return rows.map(({ statement }) => statement)
}
const open = (preparedStatements?: number): Promise<GraphqlEngine> =>
  createGraphqlEngine({
    pool,
    metadata: LIBRARY_METADATA,
    ...(preparedStatements === undefined ? {} : { preparedStatements }),
  })
async function ask(engine: GraphqlEngine, query: string, variables: object = {}): Promise<string> {
  return engine.execute({ query, variables }, { role: 'admin', variables: {} })
}

describe('prepared statements', () => {
  it('are for what is asked again, with any values, alone and among others', async () => {
    const engine = await open(10)
    for (const id of [1, 2]) await ask(engine, NAME, { id })
    expect(await prepared()).toEqual([])
    for (const [id, name] of [
      [1, 'Ann'],
      [2, 'Bob'],
      [3, 'Cy'],
    ] as const) {
      expect(await ask(engine, NAME, { id })).toBe(`{"data":{"author_by_pk":{"name":"${name}"}}}`)
    }
    expect(await prepared()).toEqual([expect.stringContaining('"author"')])
    const two = 'query ($id: Int!) { author_by_pk(id: $id) { name } article_by_pk(id: 1) { title } }'
    for (let round = 0; round < 4; round++) {
      expect(await ask(engine, two, { id: 1 })).toBe(
        '{"data":{"author_by_pk":{"name":"Ann"},"article_by_pk":{"title":"Alpha"}}}',
      )
    }
    expect(await prepared()).toHaveLength(2)
    // What Postgres cannot read is an error of the request, and the statement is as good as before.
    const wrong = 'query ($id: bigint!) { article_by_pk(id: $id) { title } }'
    for (let round = 0; round < 4; round++) expect(await ask(engine, wrong, { id: '1x' })).toContain('data-exception')
    expect(await ask(engine, wrong, { id: 1 })).toContain('Alpha')
  })

  it('are bounded: what was not used for longest makes room', async () => {
    const engine = await open(2)
    const queries = ['{ author { id } }', '{ author { name } }', '{ article { id } }']
    for (const query of [...queries, ...queries, ...queries]) await ask(engine, query)
    expect(await prepared()).toEqual([expect.stringContaining('"name"'), expect.stringContaining('"article"')])
    const answers = await Promise.all([...queries, ...queries].map(query => ask(engine, query)))
    for (const answer of answers) expect(answer).toMatch(/^\{"data":/)
    expect(await prepared()).toHaveLength(2)
  })

  it('are given up when a pooler loses them, without anybody noticing', async () => {
    const engine = await open(10)
    for (let round = 0; round < 3; round++) await ask(engine, NAME, { id: 1 })
    expect(await prepared()).toHaveLength(1)
    await pool.query('DEALLOCATE ALL')
    const two = `query ($id: Int!) { author_by_pk(id: $id) { name } article_by_pk(id: 1) { title } }`
    expect(await ask(engine, two, { id: 2 })).toContain('Bob')
    for (let round = 0; round < 4; round++) expect(await ask(engine, NAME, { id: 2 })).toContain('Bob')
    expect(await prepared()).toEqual([])
  })

  it('are given up when another connection behind the pooler has them already', async () => {
    const engine = await open(10)
    for (let round = 0; round < 3; round++) await ask(engine, NAME, { id: 1 })
    const other = createPool({ connectionString: database.url, max: 1 })
    try {
      const { rows } = await pool.query<{ name: string; statement: string }>('SELECT * FROM pg_prepared_statements')
      const [row] = rows.filter(({ name }) => name.startsWith('graphql'))
      await other.query(`PREPARE ${row?.name} AS ${row?.statement}`)
      const second = await createGraphqlEngine({ pool: other, metadata: LIBRARY_METADATA, preparedStatements: 10 })
      for (let round = 0; round < 4; round++) expect(await ask(second, NAME, { id: 3 })).toContain('Cy')
    } finally {
      await other.end()
    }
  })

  it('are none unless asked for', async () => {
    for (const engine of [await open(), await open(0)]) {
      for (let round = 0; round < 4; round++) await ask(engine, NAME, { id: 1 })
    }
    expect(await prepared()).toEqual([])
  })
})
