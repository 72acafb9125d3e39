import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { select } from './support/library.ts'

const SQL = `
CREATE TABLE colour (value text PRIMARY KEY, comment text);
INSERT INTO colour VALUES ('red', NULL), ('blue', NULL);
CREATE TABLE paint (id serial PRIMARY KEY, name text NOT NULL, colour text REFERENCES colour(value));
CREATE FUNCTION shout(p paint) RETURNS text LANGUAGE sql STABLE AS $$ SELECT upper(p.name) $$;
CREATE FUNCTION alike(p paint) RETURNS SETOF paint LANGUAGE sql STABLE AS
  $$ SELECT * FROM paint WHERE colour = p.colour AND id <> p.id ORDER BY id $$;
CREATE TYPE complex AS (r double precision, i double precision);
CREATE TABLE wide (
  id serial PRIMARY KEY, small smallint, "big Int" bigint, exact numeric(4, 3), rough real, fine double precision, short varchar(3),
  fixed char(4), moment timestamp, zoned timestamptz, day date, clock time, zoned_clock timetz, gap interval, spot point,
  ring path, net inet, mac macaddr, raw json, raws json[], doc jsonb, words text[], grid integer[], span int4range, spans tstzrange,
  markup xml, pair complex, bits bit(4), some_bits varbit, bytes bytea, letter "char", cash money, flag boolean, key uuid);
`

const table = (name: string) => ({ schema: 'public', name })
const paint = {
  table: table('paint'),
  computed_fields: ['shout', 'alike'].map(name => ({ name, definition: { function: table(name) } })),
  select_permissions: [
    select('names', { columns: ['id', 'name'], filter: { id: { _eq: 1 } } }),
    select('colours', { columns: ['id', 'colour'] }),
  ],
  update_permissions: [
    { role: 'names', permission: { columns: ['name'], filter: {}, check: null, set: {}, backend_only: false } },
  ],
}

let database: TestDatabase
let engine: GraphqlEngine
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(SQL)
  engine = await createGraphqlEngine({
    pool: database.pool,
    metadata: {
      version: 3,
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: {},
          tables: [
            paint,
            { table: table('colour'), is_enum: true },
            { table: table('wide'), configuration: { column_config: { 'big Int': { custom_name: 'big' } } } },
          ],
          functions: [],
        },
      ],
      inherited_roles: [{ role_name: 'both', role_set: ['names', 'colours'] }],
    },
  })
  expect(engine.inconsistencies).toEqual([])
})
afterAll(() => database.drop())

async function ask(query: string, variables: object = {}, role = 'admin') {
  const { data, errors } = JSON.parse(await engine.execute({ query, variables }, { role, variables: {} }))
  return errors?.[0] ?? data
}

describe('what is written and returned', () => {
  it('may be a value of an enum table, and computed from the written row', async () => {
    const query = `mutation ($c: colour_enum) {
      insert_paint(objects: [{name: "a", colour: red}, {name: "b", colour: $c}, {name: "c"}]) {
        returning { colour shout alike { name } }
      }
    }`
    expect(await ask(query, { c: 'red' })).toEqual({
      insert_paint: {
        returning: [
          { colour: 'red', shout: 'A', alike: [{ name: 'b' }] },
          { colour: 'red', shout: 'B', alike: [{ name: 'a' }] },
          { colour: null, shout: 'C', alike: [] },
        ],
      },
    })
    expect(await ask('mutation { insert_paint(objects: [{name: "d", colour: pink}]) { affected_rows } }')).toEqual({
      message: "expected one of the values ['blue', 'red'] for type 'colour_enum', but found 'pink'",
      extensions: { code: 'validation-failed', path: '$.selectionSet.insert_paint.args.objects[0].colour' },
    })
  })

  it('has for an inherited role the cells that it may see', async () => {
    const query = 'mutation { update_paint(where: {}, _set: {name: "x"}) { returning { id name colour } } }'
    expect((await ask(query, {}, 'both')).update_paint.returning).toEqual([
      { id: 1, name: 'x', colour: 'red' },
      { id: 2, name: null, colour: 'red' },
      { id: 3, name: null, colour: null },
    ])
  })

  it('keeps values of every type as they are', async () => {
    const row = {
      small: 32767,
      big: '9223372036854775807',
      exact: '1.234',
      rough: 0.00390625,
      fine: 16.0001220703125,
      short: 'abc',
      fixed: 'abcd',
      moment: '2004-10-19T10:23:54',
      zoned: '2015-10-17T14:42:43+00:00',
      day: '2014-09-14',
      clock: '11:09:23',
      zoned_clock: '15:22:23+00',
      gap: '01:03:02',
      spot: '(1,2)',
      ring: '((0,0),(0,3),(1,0))',
      net: '198.24.10.0',
      mac: '08:00:2b:01:02:03',
      raw: { a: [1, null, 'x"y'] },
      raws: [{ a: 1 }, '{"b": 2}'],
      doc: { b: { c: 'd,e' } },
      words: ['a', 'b,c', 'd"e', '', '\\'],
      grid: '{{1,2},{3,4}}',
      span: '[123,456)',
      spans: '("2011-02-05 12:03:00+00","2012-03-04 16:40:04+00"]',
      markup: '<foo>bar</foo>',
      pair: '(1,2)',
      bits: '1010',
      some_bits: '10101',
      bytes: '\\xdead',
      letter: 'x',
      cash: '$1,234.50',
      flag: true,
      key: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    }
    const fields = Object.keys(row).join(' ')
    const query = `mutation ($row: wide_insert_input!) { insert_wide_one(object: $row) { ${fields} } }`
    expect((await ask(query, { row })).insert_wide_one).toEqual({
      ...row,
      big: expect.any(Number),
      exact: 1.234,
      grid: [
        [1, 2],
        [3, 4],
      ],
      pair: { r: 1, i: 2 },
    })
    const stored = await database.pool.query('SELECT "big Int"::text AS big, words, bytes FROM wide')
    expect(stored.rows).toEqual([{ big: row.big, words: row.words, bytes: Buffer.from('dead', 'hex') }])
  })

  it('reads strings among the JSON items of a document as the JSON that they hold', async () => {
    const written = async (raws: string, variables = {}, definitions = '') => {
      const query = `mutation ${definitions} { insert_wide_one(object: {raws: ${raws}}) { raws } }`
      return (await ask(query, variables)).insert_wide_one.raws
    }
    expect(await written(String.raw`["{\"a\": [1, null]}", "5", "horses", {b: "{}"}, 6]`)).toEqual([
      { a: [1, null] },
      5,
      'horses',
      { b: '{}' },
      6,
    ])
    // Variables are JSON already, and Postgres' own form of an array is what it is.
    expect(await written('[$one, "true"]', { one: '{"a": 1}' }, '($one: json)')).toEqual(['{"a": 1}', true])
    expect(await written('$all', { all: [{ a: 1 }, 'horses', '5'] }, '($all: [json!])')).toEqual([
      { a: 1 },
      'horses',
      '5',
    ])
    expect(await written(String.raw`"{\"5\",null}"`)).toEqual([5, null])
  })
})
