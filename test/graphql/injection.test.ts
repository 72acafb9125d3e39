import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLibrary, type Library } from './support/library.ts'
import { createWorkshop, type Workshop } from './support/workshop.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
  await library.database.pool.query('CREATE TABLE canary (alive boolean); INSERT INTO canary VALUES (true)')
})
afterAll(() => library.database.drop())

const ATTACKS = [
  `'; DROP TABLE canary; --`,
  `" ; DROP TABLE canary; --`,
  `') OR 1=1 --`,
  `$1`,
  `\\'; DROP TABLE canary; --`,
  `}); DROP TABLE canary; --`,
  `{"a","b'; DROP TABLE canary; --"}`,
  `\u0000`,
  `\ud800`,
  `x-hasura-user-id`,
  `%s %I %L`,
  `/* */`,
  `E'\\047'`,
]

// Every place where a client's string may stand, as a variable of its type.
const PLACES: [string, string, (attack: string) => unknown][] = [
  ['String', 'article(where: {title: {_eq: $v}}) { id }', attack => attack],
  ['String', 'article(where: {title: {_similar: $v}}) { id }', attack => attack],
  ['String', 'article(where: {title: {_regex: $v}}) { id }', attack => attack],
  ['[String!]', 'article(where: {title: {_in: $v}}) { id }', attack => [attack, attack]],
  ['[String!]', 'article(where: {tags: {_contains: $v}}) { id }', attack => [attack]],
  ['[String!]', 'article(where: {tags: {_eq: $v}}) { id }', attack => attack],
  ['uuid', 'article(where: {secret: {_eq: $v}}) { id }', attack => attack],
  ['bigint', 'article(where: {id: {_gt: $v}}) { id }', attack => attack],
  ['numeric', 'article(where: {rating: {_in: [$v]}}) { id }', attack => attack],
  ['timestamptz', 'article(where: {at: {_lt: $v}}) { id }', attack => attack],
  ['mood', 'article(where: {mood: {_eq: $v}}) { id }', attack => attack],
  ['jsonb', 'article(where: {meta: {_contains: $v}}) { id }', attack => ({ [attack]: attack })],
  ['String', 'article(where: {meta: {_has_key: $v}}) { id }', attack => attack],
  ['[String!]', 'article(where: {meta: {_has_keys_any: $v}}) { id }', attack => [attack]],
  ['String', 'article(where: {meta: {_cast: {String: {_like: $v}}}}) { id }', attack => attack],
  ['String', 'article { meta(path: $v) }', attack => attack],
  ['String', 'article { meta(path: $v) }', attack => `$["${attack.replaceAll(/["\\]/g, '')}"]`],
  ['article_bool_exp', 'article(where: $v) { id }', attack => ({ [attack]: { _eq: 1 } })],
  ['article_bool_exp', 'article(where: $v) { id }', attack => ({ id: { [attack]: 1 } })],
  ['[article_order_by!]', 'article(order_by: $v) { id }', attack => ({ [attack]: 'asc' })],
  ['[article_order_by!]', 'article(order_by: $v) { id }', attack => ({ id: attack })],
  ['[article_select_column!]', 'article(distinct_on: $v) { id }', attack => [attack]],
  ['Int', 'article(limit: $v) { id }', attack => attack],
  ['Int', 'article(offset: $v) { id }', attack => attack],
  ['String', 'search_articles(args: {term: $v}) { id }', attack => attack],
]

describe('what a client sends stays a value', () => {
  it.each(PLACES)('%s in %s', async (type, field, value) => {
    for (const attack of ATTACKS) {
      const answer = JSON.parse(await library.text(`query ($v: ${type}) { ${field} }`, { v: value(attack) }))
      // A value no type can read is an error; a statement broken by a value would be a syntax error of class 42.
      const code = answer.errors?.[0].extensions.code
      expect([undefined, 'validation-failed', 'parse-failed', 'data-exception', 'bad-request']).toContain(code)
    }
    await expectUnharmed()
  })

  it('and so do literals, names in documents, session variables and roles', async () => {
    for (const attack of ATTACKS) {
      const literal = JSON.stringify(attack)
      await library.text(`{ article(where: {title: {_eq: ${literal}}, meta: {_contains: {a: ${literal}}}}) { id } }`)
      await library.text(`{ article(where: {title: {_eq: """${attack.replaceAll('"', '')}"""}}) { id } }`)
      await library.text(`{ ${attack}: article { id } }`)
      await library.text('{ article { id } }', {}, 'user', { 'x-hasura-user-id': attack })
      await library.text('{ lib_mine { id } }', {}, 'admin', { 'x-hasura-user-id': attack, [attack]: attack })
      await library.text('{ article { id } }', {}, attack)
      const document = { query: 'query A { author { id } }', operationName: attack, variables: { [attack]: attack } }
      await library.engine.execute(document, { role: 'admin', variables: {} })
    }
    await expectUnharmed()
  })

  it('and finds what it says', async () => {
    const title = `it's "quoted" \\ $1 {a,b} %_; --`
    await library.database.pool.query(
      'UPDATE article SET title = $1, tags = ARRAY[$1], meta = jsonb_build_object($1, $1) WHERE id = 3',
      [title],
    )
    const query = `query ($t: String!, $l: [String!]!, $j: jsonb!) {
      a: article(where: {title: {_eq: $t}}) { id }
      b: article(where: {title: {_in: $l}}) { id }
      c: article(where: {tags: {_contains: $l}}) { id }
      d: article(where: {meta: {_contains: $j}}) { id }
      e: article(where: {meta: {_has_key: $t}}) { id }
    }`
    const found = [{ id: 3 }]
    expect(await library.data(query, { t: title, l: [title], j: { [title]: title } })).toEqual({
      a: found,
      b: found,
      c: found,
      d: found,
      e: found,
    })
  })
})

describe('what a client writes stays a value', () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await createWorkshop()
    await workshop.database.pool.query('CREATE TABLE canary (alive boolean); INSERT INTO canary VALUES (true)')
  })
  afterAll(() => workshop.database.drop())

  const WRITES: [string, string, (attack: string) => unknown][] = [
    ['String', 'insert_team_one(object: {name: $v}) { name }', attack => attack],
    [
      '[team_insert_input!]!',
      'insert_team(objects: $v) { affected_rows }',
      attack => [{ name: attack, settings: attack }],
    ],
    ['[team_insert_input!]!', 'insert_team(objects: $v) { affected_rows }', attack => [{ [attack]: 1 }]],
    ['bpchar', 'insert_team(objects: {name: "x", code: $v}) { affected_rows }', attack => attack],
    ['timestamptz', 'insert_task(objects: {member_id: 1, title: "x", due: $v}) { affected_rows }', attack => attack],
    ['[String!]', 'insert_member(objects: {name: "x", badges: $v}) { affected_rows }', attack => [attack]],
    ['[String!]', 'insert_member(objects: {name: "x", badges: $v}) { affected_rows }', attack => attack],
    ['String', 'insert_member(objects: {name: $v, tasks: {data: [{title: "x"}]}}) { affected_rows }', attack => attack],
    [
      'team_on_conflict',
      'insert_team(objects: {name: "Red"}, on_conflict: $v) { affected_rows }',
      attack => ({ constraint: attack }),
    ],
    [
      'team_on_conflict',
      'insert_team(objects: {name: "Red"}, on_conflict: $v) { affected_rows }',
      attack => ({ constraint: 'team_name_key', update_columns: [attack] }),
    ],
    ['String', 'update_team(where: {}, _set: {name: $v}) { affected_rows }', attack => attack],
    ['jsonb', 'update_team(where: {}, _append: {settings: $v}) { affected_rows }', attack => attack],
    ['String', 'update_team(where: {}, _delete_key: {settings: $v}) { affected_rows }', attack => attack],
    ['[String!]', 'update_team(where: {}, _delete_at_path: {settings: $v}) { affected_rows }', attack => [attack]],
    ['numeric', 'update_team(where: {}, _inc: {budget: $v}) { affected_rows }', attack => attack],
    [
      'team_pk_columns_input!',
      'update_team_by_pk(pk_columns: $v, _set: {name: "x"}) { id }',
      attack => ({ id: attack }),
    ],
    ['team_set_input', 'update_team(where: {}, _set: $v) { affected_rows }', attack => ({ [attack]: 'x' })],
    ['String!', 'delete_team(where: {name: {_eq: $v}}) { affected_rows }', attack => attack],
  ]

  it.each(WRITES)('%s in %s', async (type, field, value) => {
    await workshop.reset()
    for (const attack of ATTACKS) {
      const { errors } = await workshop.ask(`mutation ($v: ${type}) { ${field} }`, { variables: { v: value(attack) } })
      const codes = [undefined, 'validation-failed', 'parse-failed', 'data-exception', 'constraint-violation']
      expect(codes).toContain(errors?.[0].extensions.code)
      expect(await workshop.rows('SELECT alive FROM canary')).toEqual([{ alive: true }])
      expect(await workshop.rows('SELECT count(*)::int AS n FROM member')).not.toEqual([{ n: 0 }])
    }
  })

  it('and is what was written, from clients and from sessions', async () => {
    for (const attack of ATTACKS.filter(text => text.isWellFormed() && !text.includes('\u0000'))) {
      await workshop.reset()
      const variables = { v: attack, j: { [attack]: attack } }
      const query = `mutation ($v: String!, $j: jsonb) {
        insert_team_one(object: {name: $v, settings: $j, members: {data: {name: $v, badges: [$v]}}}) { id name settings members { name badges } }
      }`
      expect((await workshop.data(query, { variables })).insert_team_one).toEqual({
        id: 3,
        name: attack,
        settings: { [attack]: attack },
        members: [{ name: attack, badges: [attack] }],
      })
      const session = { 'x-hasura-user-id': '1', 'x-hasura-mail': attack }
      await workshop.data('mutation { update_member(where: {}, _set: {name: "x"}) { affected_rows } }', {
        role: 'member',
        session,
      })
      expect(await workshop.rows('SELECT "eMail" AS mail FROM member WHERE id = 1')).toEqual([{ mail: attack }])
    }
  })
})

async function expectUnharmed(): Promise<void> {
  const { rows } = await library.database.pool.query('SELECT alive FROM canary')
  expect(rows).toEqual([{ alive: true }])
  expect((await library.database.pool.query('SELECT count(*)::int AS n FROM article')).rows).toEqual([{ n: 4 }])
}
