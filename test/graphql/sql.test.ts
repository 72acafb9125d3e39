import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCatalog } from '../../src/graphql/catalog/build.ts'
import { readIntrospection } from '../../src/graphql/catalog/introspect.ts'
import { bind } from '../../src/graphql/execute/bind.ts'
import { Planner } from '../../src/graphql/planner.ts'
import type { MetadataSource } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { LIBRARY_METADATA, LIBRARY_SQL } from './support/library.ts'

let database: TestDatabase
let planner: Planner
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(LIBRARY_SQL)
  const source = LIBRARY_METADATA.sources[0] as MetadataSource
  const tables = source.tables.map(table => table.table)
  const functions = source.functions.map(item => item.function)
  const { catalog, inconsistencies } = buildCatalog(source, await readIntrospection(database.pool, tables, functions))
  expect(inconsistencies).toEqual([])
  planner = new Planner(catalog, { stringifyNumericTypes: false, maxDepth: 20, maxFields: 100, planCacheSize: 10 })
})
afterAll(() => database.drop())

/** The one statement of a document's one root field, its parameters, and what the database answers. */
async function compiled(query: string, variables: Record<string, unknown> = {}, role = 'admin') {
  const session = { role, variables: { 'x-hasura-user-id': '1' } }
  const [field] = planner.plan(query, null, variables, role)
  if (field === undefined || !('statement' in field)) throw new Error('no statement')
  const parameters = bind(field.statement.values, variables, session)
  const { rows } = await database.pool.query(field.statement.text, parameters as unknown[])
  expect(rows).toHaveLength(1)
  return { sql: field.statement.text, parameters, result: JSON.parse(rows[0].root) }
}

describe('the SQL of', () => {
  it('a page with nested lists is one statement of correlated subqueries', async () => {
    const query = `query ($name: String, $l: Int) {
      author(where: { name: { _eq: $name } }, order_by: { id: desc }, limit: $l) {
        id
        articles(order_by: { id: asc }) { title }
        manager { name }
      }
    }`
    expect(await compiled(query, { name: 'Bob', l: 5 })).toEqual({
      sql:
        `SELECT (SELECT coalesce(json_agg("t0.row"), '[]') FROM (SELECT "t0"."id" AS "id", ` +
        `(SELECT coalesce(json_agg("t1.row"), '[]') FROM (SELECT "t1"."title" AS "title" FROM "public"."article" AS "t1"` +
        ` WHERE "t1"."author_id" = "t0"."id" ORDER BY "t1"."id" ASC) AS "t1.row") AS "articles", ` +
        `(SELECT to_json("t2.row") FROM (SELECT "t2"."name" AS "name" FROM "public"."author" AS "t2"` +
        ` WHERE "t2"."id" = "t0"."manager_id" LIMIT 1) AS "t2.row") AS "manager"` +
        ` FROM "public"."author" AS "t0" WHERE "t0"."name" = $1::"text" ORDER BY "t0"."id" DESC LIMIT 5) AS "t0.row")::text AS "root"`,
      parameters: ['Bob'],
      result: [{ id: 2, articles: [{ title: 'Gamma' }, { title: 'Huge' }], manager: { name: 'Ann' } }],
    })
  })

  it('a row by key', async () => {
    expect(await compiled('{ author_by_pk(id: 3) { name } }')).toEqual({
      sql: `SELECT (SELECT to_json("t0.row") FROM (SELECT "t0"."name" AS "name" FROM "public"."author" AS "t0" WHERE "t0"."id" = $1::"int4" LIMIT 1) AS "t0.row")::text AS "root"`,
      parameters: ['3'],
      result: { name: 'Cy' },
    })
  })

  it('offset and distinct_on, which choose rows before anything nested is computed', async () => {
    const query = '{ article(distinct_on: author_id, order_by: {author_id: desc}, offset: 1) { author { name } } }'
    expect(await compiled(query)).toEqual({
      sql:
        `SELECT (SELECT coalesce(json_agg("t0.row"), '[]') FROM (SELECT ` +
        `(SELECT to_json("t1.row") FROM (SELECT "t1"."name" AS "name" FROM "public"."author" AS "t1"` +
        ` WHERE "t1"."id" = "t0"."author_id" LIMIT 1) AS "t1.row") AS "author"` +
        ` FROM (SELECT DISTINCT ON ("t0"."author_id") "t0".* FROM "public"."article" AS "t0"` +
        ` ORDER BY "t0"."author_id" DESC OFFSET $1::"int8") AS "t0") AS "t0.row")::text AS "root"`,
      parameters: ['1'],
      result: [{ author: { name: 'Ann' } }],
    })
  })

  it('aggregates, apart from their rows', async () => {
    const query = '{ article_aggregate(where: {id: {_lt: 3}}) { aggregate { count max { title } } nodes { id } } }'
    expect(await compiled(query)).toEqual({
      sql:
        `SELECT (json_build_object(` +
        `'aggregate', (SELECT json_build_object('count', count(*), 'max', json_build_object('title', max("t0"."title")))` +
        ` FROM "public"."article" AS "t0" WHERE "t0"."id" < $1::"int8"), ` +
        `'nodes', (SELECT coalesce(json_agg("t1.row"), '[]') FROM (SELECT "t1"."id" AS "id"` +
        ` FROM "public"."article" AS "t1" WHERE "t1"."id" < $1::"int8") AS "t1.row")))::text AS "root"`,
      parameters: ['3'],
      result: { aggregate: { count: 2, max: { title: 'Beta_x' } }, nodes: [{ id: 1 }, { id: 2 }] },
    })
  })

  it("a role's filter and limit, with session variables as parameters", async () => {
    expect(await compiled('{ author { id articles(where: {title: {_neq: "x"}}) { id } } }', {}, 'user')).toMatchObject({
      sql:
        `SELECT (SELECT coalesce(json_agg("t0.row"), '[]') FROM (SELECT "t0"."id" AS "id", ` +
        `(SELECT coalesce(json_agg("t1.row"), '[]') FROM (SELECT "t1"."id" AS "id" FROM "public"."article" AS "t1"` +
        ` WHERE ("t1"."author_id" = "t0"."id") AND ((("t1"."author_id" = $1::"int4") OR ("t1"."published" = $2::"bool"))` +
        ` AND ("t1"."title" <> $3::"text"))) AS "t1.row") AS "articles"` +
        ` FROM "public"."author" AS "t0") AS "t0.row")::text AS "root"`,
      parameters: ['1', 'true', 'x'],
    })
    const { sql, result } = await compiled('{ article(limit: 9) { id } }', {}, 'limited')
    expect(sql).toContain(' LIMIT 2)')
    expect(result).toHaveLength(2)
  })

  it('filters over relationships and their aggregates', async () => {
    const query = `{ author(where: {
      articles: { tags: { _contains: ["red"] } }
      articles_aggregate: { count: { predicate: { _gt: 1 }, arguments: [rating], distinct: true } }
    }) { id } }`
    expect(await compiled(query)).toEqual({
      sql:
        `SELECT (SELECT coalesce(json_agg("t0.row"), '[]') FROM (SELECT "t0"."id" AS "id" FROM "public"."author" AS "t0"` +
        ` WHERE (EXISTS (SELECT 1 FROM "public"."article" AS "t1" WHERE ("t1"."author_id" = "t0"."id") AND ("t1"."tags" @> $1::"text"[])))` +
        ` AND (EXISTS (SELECT 1 FROM "public"."article" AS "t2" WHERE "t2"."author_id" = "t0"."id"` +
        ` HAVING count(DISTINCT "t2"."rating") > $2::"int4"))) AS "t0.row")::text AS "root"`,
      parameters: [['red'], '1'],
      result: [{ id: 1 }],
    })
  })

  it('functions, by named arguments', async () => {
    expect(
      await compiled('query ($t: String!) { search_articles(args: {term: $t}, limit: 1) { id } }', { t: 'Alp' }),
    ).toEqual({
      sql:
        `SELECT (SELECT coalesce(json_agg("t0.row"), '[]') FROM (SELECT "t0"."id" AS "id"` +
        ` FROM "lib"."search"("term" => $1::"text") AS "t0" LIMIT 1) AS "t0.row")::text AS "root"`,
      parameters: ['Alp'],
      result: [{ id: 1 }],
    })
  })

  it('the same shape is the same text and the same plan, whatever the values', () => {
    const query = 'query ($w: Int, $at: [String!]) { author(where: {id: {_eq: $w}, name: {_in: $at}}) { id } }'
    const first = planner.plan(query, null, { w: 1, at: ['a'] }, 'admin')
    expect(planner.plan(query, null, { w: 2, at: [] }, 'admin')).toBe(first)
    expect(planner.plan(query, null, { w: 2 }, 'admin')).not.toBe(first)
    expect(planner.plan(query, null, { w: 2, at: [] }, 'user')).not.toBe(first)
    // How many rows is part of the plan: Postgres plans a page otherwise than any number of rows.
    const page = (l: number) => planner.plan('query ($l: Int) { author(limit: $l) { id } }', null, { l }, 'admin')
    expect(page(5)).toBe(page(5))
    expect(page(6)).not.toBe(page(5))
  })
  it('a document is not kept when it is longer than documents of clients are, nor with structures as long', () => {
    const query = '{ author_by_pk(id: 3) { name } }'
    const plan = (text: string, variables = {}) => planner.plan(text, null, variables, 'admin')
    const subscription = (text: string) => planner.planSubscription(`subscription ${text}`, null, {}, 'admin')
    const padded = (length: number) => `${query}#${'x'.repeat(length)}`
    expect(plan(padded(60_000))).toBe(plan(padded(60_000)))
    expect(plan(padded(65_536))).not.toBe(plan(padded(65_536)))
    expect(plan(padded(65_536))).toEqual(plan(query))
    expect(subscription(padded(60_000))).toBe(subscription(padded(60_000)))
    expect(subscription(padded(65_536))).not.toBe(subscription(padded(65_536)))

    const filtered = 'query ($w: author_bool_exp) { author(where: $w) { id } }'
    const any = (names: number) => ({ w: { _or: Array.from({ length: names }, (_, id) => ({ id: { _eq: id } })) } })
    expect(plan(filtered, any(20))).toBe(plan(filtered, any(20)))
    expect(plan(filtered, any(400))).not.toBe(plan(filtered, any(400)))
  })
})
