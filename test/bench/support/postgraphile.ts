import { createRequire } from 'node:module'
import path from 'node:path'
import { quoteLiteral } from '../../../src/db/identifiers.ts'
import type { Pool } from '../../../src/db/pool.ts'

/** What of PostGraphile 4, and of the graphql package it brings, is used here. */
interface Postgraphile {
  createPostGraphileSchema(pool: Pool, schemas: string[], options: object): Promise<object>
  withPostGraphileContext<T>(options: { pgPool: Pool }, run: (context: object) => Promise<T>): Promise<T>
}
interface Graphql {
  parse(query: string): object
  validate(schema: object, document: object): Error[]
  execute(given: {
    schema: object
    document: object
    contextValue: object
    variableValues: object
  }): Promise<{ data?: Record<string, unknown> | null; errors?: Error[] }>
}

/** Turns a document into a function that asks it and says how many rows came. */
export type Ask = (query: string, variables: object) => Promise<() => Promise<number>>

const VIEWS = 'for_postgraphile'

/**
 * PostGraphile as it is installed in `folder`. It does not know partitioned tables, and ours have no foreign keys: it gets views
 * of them, which Postgres replaces by the tables when it plans, with comments that say what refers to what. Documents are read
 * and checked once, as its own server does.
 */
export async function askPostgraphile(folder: string, pool: Pool, schema: string): Promise<Ask> {
  const load = createRequire(path.join(path.resolve(folder), 'package.json'))
  const { createPostGraphileSchema, withPostGraphileContext } = load('postgraphile') as Postgraphile
  const { parse, validate, execute } = load('graphql') as Graphql
  const invocation = '@foreignKey (invocation_id) references invocations (id)'
  const views = {
    invocations: '',
    event_executions: invocation,
    job_executions: `${invocation}\n@foreignKey (event_execution_id) references event_executions (id)`,
  }
  await pool.query(`CREATE SCHEMA ${VIEWS}`)
  for (const [name, comment] of Object.entries(views)) {
    await pool.query(`CREATE VIEW ${VIEWS}.${name} AS SELECT * FROM ${schema}.${name}`)
    await pool.query(`COMMENT ON VIEW ${VIEWS}.${name} IS ${quoteLiteral(`@primaryKey id\n${comment}`)}`)
  }
  await pool.query(
    `CREATE FUNCTION ${VIEWS}.invocation_chain(root_id uuid) RETURNS SETOF ${VIEWS}.invocations LANGUAGE sql STABLE AS
     $$ SELECT * FROM ${schema}.invocation_chain(root_id) $$`,
  )
  const built = await createPostGraphileSchema(pool, [VIEWS], { simpleCollections: 'only', dynamicJson: true })
  return async (query, variables) => {
    const document = parse(query)
    const [mistake] = validate(built, document)
    if (mistake !== undefined) throw mistake
    return () =>
      withPostGraphileContext({ pgPool: pool }, async contextValue => {
        const { data, errors } = await execute({ schema: built, document, contextValue, variableValues: variables })
        if (errors?.[0] !== undefined) throw errors[0]
        const [rows] = Object.values(data ?? {})
        // As text, as it would be sent.
        JSON.stringify(data)
        return Array.isArray(rows) ? rows.length : 1
      })
  }
}
