import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWorkshop, type Workshop } from './support/workshop.ts'

let workshop: Workshop
beforeAll(async () => {
  workshop = await createWorkshop()
})
beforeEach(() => workshop.reset())
afterAll(async () => {
  expect(workshop.surprises).toEqual([])
  await workshop.database.drop()
})

describe('insert', () => {
  it('writes rows, each with the columns it has, and returns them with what hangs on them', async () => {
    const data = await workshop.data(`mutation {
      insert_team(objects: [{name: "Green", budget: "1.50"}, {id: 77, name: "Grey", settings: {x: [1]}, code: "ab"}]) {
        affected_rows
        returning { id name budget settings code members { id } __typename }
        __typename
      }
    }`)
    expect(data.insert_team).toEqual({
      affected_rows: 2,
      returning: [
        { id: 3, name: 'Green', budget: 1.5, settings: null, code: null, members: [], __typename: 'team' },
        { id: 77, name: 'Grey', budget: 0, settings: { x: [1] }, code: 'ab  ', members: [], __typename: 'team' },
      ],
      __typename: 'team_mutation_response',
    })
  })

  it('writes one row, from a variable', async () => {
    const query = `mutation ($row: member_insert_input!) {
      insert_member_one(object: $row) { id name mail badges slug nr team { name } }
    }`
    const row = { name: 'Dee', mail: 'dee@x', badges: ['a', 'b"c'], team_id: 2, level: null }
    expect(await workshop.data(query, { variables: { row } })).toEqual({
      insert_member_one: {
        id: 4,
        name: 'Dee',
        mail: 'dee@x',
        badges: ['a', 'b"c'],
        slug: 'dee',
        nr: expect.any(Number),
        team: { name: 'Blue' },
      },
    })
  })

  it('does nothing for no objects, and takes objects without values', async () => {
    const data = await workshop.data(`mutation {
      none: insert_team(objects: []) { n: affected_rows returning { id } __typename }
      nothing: insert_nothing(objects: {}) { affected_rows }
      failing: insert_profile_one(object: {member_id: 3}) { member_id photo }
    }`)
    expect(data).toEqual({
      none: { n: 0, returning: [], __typename: 'team_mutation_response' },
      nothing: { affected_rows: 1 },
      failing: { member_id: 3, photo: null },
    })
    await workshop.database.pool.query('ALTER TABLE team ALTER name SET DEFAULT gen_random_uuid()')
    const empty = await workshop.data('mutation { insert_team(objects: [{}, {}]) { affected_rows } }')
    await workshop.database.pool.query('ALTER TABLE team ALTER name DROP DEFAULT')
    expect(empty.insert_team.affected_rows).toBe(2)
  })

  it('writes more rows than a statement has parameters', async () => {
    const rows = Array.from({ length: 17_000 }, (_, i) => ({ name: `n${i}`, mail: `${i}@x`, level: 1, team_id: 1 }))
    const data = await workshop.data(
      'mutation ($rows: [member_insert_input!]!) { insert_member(objects: $rows) { affected_rows } }',
      { variables: { rows } },
    )
    expect(data.insert_member.affected_rows).toBe(17_000)
  })

  it('takes the values of custom root fields, views that can be written, and every kind of column', async () => {
    const data = await workshop.data(`mutation {
      addProfiles(objects: {member_id: 2, photo: "bob.png"}) { returning { owner { name } } }
      insert_open_task_one(object: {member_id: 3, title: "view"}) { title loud }
      insert_member_one(object: {name: "E", score: "NaN", badges: "{x,y}", level: "2"}) { score badges level }
      insert_task_one(object: {member_id: 1, title: "t", due: "2024-05-06T07:08:09+02:00"}) { due done }
    }`)
    expect(data).toEqual({
      addProfiles: { returning: [{ owner: { name: 'Bob' } }] },
      insert_open_task_one: { title: 'view', loud: 'VIEW' },
      insert_member_one: { score: 'NaN', badges: ['x', 'y'], level: 2 },
      insert_task_one: { due: '2024-05-06T05:08:09+00:00', done: false },
    })
  })

  it('has no fields for what Postgres makes itself, nor for what it cannot write', async () => {
    const fields = workshop.engine.schema('admin').getMutationType()?.getFields() ?? {}
    expect(Object.keys(fields).filter(name => name.includes('task_count'))).toEqual([])
    const at = '$.selectionSet.insert_member.args.objects[0]'
    for (const column of ['slug', 'nr']) {
      const query = `mutation { insert_member(objects: [{name: "x", ${column}: "1"}]) { affected_rows } }`
      expect(await workshop.error(query)).toMatchObject({
        path: `${at}.${column}`,
        message: `field '${column}' not found in type: 'member_insert_input'`,
      })
    }
    const loud = 'mutation { insert_open_task(objects: {loud: "X"}) { affected_rows } }'
    expect((await workshop.error(loud)).message).toContain("field 'loud' not found")
  })
})

describe('nested insert', () => {
  it('writes what a row refers to before it, and what refers to it after it, and counts all of them', async () => {
    const data = await workshop.data(`mutation {
      insert_member(objects: [{
        name: "Flo"
        team: {data: {name: "Gold"}}
        profile: {data: {photo: "flo.png"}}
        tasks: {data: [{title: "one"}, {title: "two", reviewer: {data: {name: "Gil", tasks: {data: {title: "deep"}}}}}]}
      }, {name: "Hal", team: null, tasks: {data: []}, profile: null}]) {
        affected_rows
        returning {
          name
          team { name members { name } }
          profile { photo }
          tasks(order_by: {title: asc}) { title reviewer { name tasks { title } } }
        }
      }
    }`)
    expect(data.insert_member).toEqual({
      // Flo, Gold, the photo, two tasks, Gil, deep, Hal.
      affected_rows: 8,
      returning: [
        {
          name: 'Flo',
          team: { name: 'Gold', members: [{ name: 'Flo' }] },
          profile: { photo: 'flo.png' },
          tasks: [
            { title: 'one', reviewer: null },
            { title: 'two', reviewer: { name: 'Gil', tasks: [{ title: 'deep' }] } },
          ],
        },
        { name: 'Hal', team: null, profile: null, tasks: [] },
      ],
    })
  })

  it('through a manual relationship writes the other row first', async () => {
    const data = await workshop.data(`mutation {
      addProfiles(objects: {photo: "ida.png", owner: {data: {name: "Ida"}}}) { affected_rows returning { owner { name } } }
    }`)
    expect(data.addProfiles).toEqual({ affected_rows: 2, returning: [{ owner: { name: 'Ida' } }] })
  })

  it('writes siblings in the order in which they refer to each other, however they are written', async () => {
    const data = await workshop.data(`mutation {
      insert_member(objects: {name: "Jo", badge: {data: {metal: "tin"}}, profile: {data: {photo: "jo.png"}}}) {
        affected_rows returning { badge { metal } profile { photo } }
      }
    }`)
    expect(data.insert_member).toEqual({
      affected_rows: 3,
      returning: [{ badge: { metal: 'tin' }, profile: { photo: 'jo.png' } }],
    })
  })

  it('takes on_conflict at every level', async () => {
    const conflict = (constraint: string, columns: string) =>
      `on_conflict: {constraint: ${constraint}, update_columns: [${columns}]}`
    const data = await workshop.data(`mutation {
      insert_member_one(object: {
        name: "Ann", team: {data: {name: "Red", budget: 3}, ${conflict('team_name_key', 'budget')}}
        tasks: {data: [{id: 1, title: "again"}], ${conflict('task_pkey', 'title')}}
      }, ${conflict('member_team_id_name_key', 'name')}) { id team { id budget } tasks(order_by: {id: asc}) { id title } }
    }`)
    expect(data.insert_member_one).toEqual({
      id: 1,
      team: { id: 1, budget: 3 },
      tasks: [
        { id: 1, title: 'again' },
        { id: 2, title: 'saw' },
      ],
    })
  })

  it.each([
    [
      'insert_task(objects: [{title: "a", member_id: 1}, {title: "b", member: {data: {name: "x"}}, member_id: 1}]) { affected_rows }',
      '$.selectionSet.insert_task.args.objects[1].member',
      'validation-failed',
      'cannot insert object relationship "member" as "member_id" column values are already determined',
    ],
    [
      'insert_member(objects: [{name: "x", tasks: {data: [{title: "b", member_id: 1}]}}]) { affected_rows }',
      '$.selectionSet.insert_member.args.objects[0].tasks.data[0]',
      'validation-failed',
      'cannot insert "member_id" columns as their values are already being determined by parent insert',
    ],
    [
      'insert_member_one(object: {name: "x", tasks: {data: [{title: "b", member: {data: {name: "y"}}}]}}) { id }',
      '$.selectionSet.insert_member_one.args.object[0].tasks.data[0].member',
      'validation-failed',
      'cannot insert object relationship "member" as "member_id" column values are already determined',
    ],
    [
      'insert_task(objects: {title: "b", member: {data: {name: "Ann", mail: "ann@x"}, on_conflict: {constraint: member_eMail_key}}}) { affected_rows }',
      '$.selectionSet.insert_task.args.objects[0].member',
      'not-supported',
      'cannot proceed to insert object relation "member" since insert to table "member" affects zero rows',
    ],
    [
      'insert_team(objects: {name: "Red", members: {data: {name: "x"}}}, on_conflict: {constraint: team_name_key}) { affected_rows }',
      '$.selectionSet.insert_team.args.objects[0]',
      'not-supported',
      'cannot proceed to insert array relations since insert to table "team" affects zero rows',
    ],
    [
      'insert_task(objects: {title: "b", member: {data: {name: "z", level: 10}}}) { affected_rows }',
      '$.selectionSet.insert_task.args.objects[0].member.data',
      'permission-error',
      'Check constraint violation. new row for relation "member" violates check constraint "member_level_check"',
    ],
    [
      'insert_member(objects: {name: "z", tasks: {data: [{title: "a"}, {title: "b", reviewer_id: 99}]}}) { affected_rows }',
      '$.selectionSet.insert_member.args.objects[0].tasks.data',
      'constraint-violation',
      'Foreign key violation. insert or update on table "task" violates foreign key constraint "task_reviewer_id_fkey"',
    ],
  ])('%s fails, and nothing of it remains', async (field, path, code, message) => {
    expect(await workshop.error(`mutation { ${field} }`)).toEqual({ code, path, message })
    const counts =
      'SELECT (SELECT count(*) FROM team)::int t, (SELECT count(*) FROM member)::int m, (SELECT count(*) FROM task)::int k'
    expect(await workshop.rows(counts)).toEqual([{ t: 2, m: 3, k: 3 }])
  })
})

describe('on_conflict', () => {
  const upsert = (row: string, conflict: string) =>
    workshop.data(`mutation {
      insert_team(objects: [${row}], on_conflict: {${conflict}}) { affected_rows returning { id name budget visits } }
    }`)

  it('updates the columns it names', async () => {
    const data = await upsert(
      '{name: "Red", budget: 1, visits: 9}',
      'constraint: team_name_key, update_columns: [budget]',
    )
    expect(data.insert_team).toEqual({ affected_rows: 1, returning: [{ id: 1, name: 'Red', budget: 1, visits: 0 }] })
  })

  it.each(['constraint: team_name_key, update_columns: []', 'constraint: team_name_key'])(
    'does nothing with %s',
    async conflict => {
      const data = await upsert('{name: "Red", budget: 1}, {name: "New"}', conflict)
      expect(data.insert_team).toMatchObject({ affected_rows: 1, returning: [{ name: 'New' }] })
      const twice = `mutation { insert_team_one(object: {name: "Red", budget: 2}, on_conflict: {constraint: team_name_key, update_columns: [budget, budget]}) { budget } }`
      expect(await workshop.data(twice)).toEqual({ insert_team_one: { budget: 2 } })
      const one = `mutation { insert_team_one(object: {name: "Red"}, on_conflict: {${conflict}}) { id } }`
      expect(await workshop.data(one)).toEqual({ insert_team_one: null })
    },
  )

  it('updates only rows for which its condition holds', async () => {
    const conflict = 'constraint: team_name_key, update_columns: [budget], where: {budget: {_lt: 5}}'
    const data = await upsert('{name: "Red", budget: 1}, {name: "Blue", budget: 1}', conflict)
    expect(data.insert_team).toMatchObject({ affected_rows: 1, returning: [{ name: 'Blue', budget: 1 }] })
  })

  it('takes variables for all its parts', async () => {
    const query = `mutation ($c: team_on_conflict, $rows: [team_insert_input!]!) {
      insert_team(objects: $rows, on_conflict: $c) { affected_rows }
    }`
    const c = { constraint: 'team_pkey', update_columns: ['name'], where: { name: { _like: 'R%' } } }
    const rows = [
      { id: 1, name: 'Rosa' },
      { id: 2, name: 'Bleu' },
    ]
    expect((await workshop.data(query, { variables: { c, rows } })).insert_team.affected_rows).toBe(1)
    expect((await workshop.rows('SELECT name FROM team ORDER BY id')).map(row => row.name)).toEqual(['Rosa', 'Blue'])
    expect((await workshop.error(query, { variables: { rows } })).message).toBe(
      'Uniqueness violation. duplicate key value violates unique constraint "team_pkey"',
    )
  })
})

describe('update', () => {
  it('sets, adds, and changes JSON, and says what rows became', async () => {
    const data = await workshop.data(`mutation {
      update_team(
        where: {name: {_eq: "Red"}}, _set: {code: "zz", name: "Rot"}, _inc: {budget: "0.25", visits: 2}
        _append: {settings: {z: 1}}
      ) { affected_rows returning { name code budget visits settings members(order_by: {id: asc}) { name } } }
    }`)
    expect(data.update_team).toEqual({
      affected_rows: 1,
      returning: [
        {
          name: 'Rot',
          code: 'zz  ',
          budget: 10.75,
          visits: 2,
          settings: { a: [1, 2, 3], b: { c: 1 }, z: 1 },
          members: [{ name: 'Ann' }, { name: 'Bob' }],
        },
      ],
    })
  })

  it.each([
    ['_prepend: {settings: [0]}', '[1]', [0, 1]],
    ['_append: {settings: "x"}', '[1]', [1, 'x']],
    ['_delete_key: {settings: "a"}', '{"a": 1, "b": 2}', { b: 2 }],
    ['_delete_elem: {settings: -1}', '[1, 2]', [1]],
    ['_delete_at_path: {settings: ["a", "0"]}', '{"a": [1, 2]}', { a: [2] }],
    ['_set: {settings: null}', '[1]', null],
    ['_append: {settings: [1]}', null, null],
  ])('%s of %s', async (operator, before, after) => {
    await workshop.database.pool.query('UPDATE team SET settings = $1', [before])
    const data = await workshop.data(`mutation { update_team_by_pk(pk_columns: {id: 1}, ${operator}) { settings } }`)
    expect(data.update_team_by_pk.settings).toEqual(after)
  })

  it('by key answers with the row, or null', async () => {
    const query = `mutation ($id: Int!, $set: team_set_input) {
      update_team_by_pk(pk_columns: {id: $id}, _set: $set) { id name }
    }`
    expect(await workshop.data(query, { variables: { id: 2, set: { name: 'B' } } })).toEqual({
      update_team_by_pk: { id: 2, name: 'B' },
    })
    expect(await workshop.data(query, { variables: { id: 9, set: { name: 'C' } } })).toEqual({
      update_team_by_pk: null,
    })
    // Nothing to change: nothing is done.
    expect(await workshop.data(query, { variables: { id: 1, set: {} } })).toEqual({ update_team_by_pk: null })
    expect(await workshop.data(query, { variables: { id: 1 } })).toEqual({ update_team_by_pk: null })
  })

  it('through relationships in where, and of nothing', async () => {
    const data = await workshop.data(`mutation {
      update_task(where: {member: {team: {name: {_eq: "Red"}}, tasks_aggregate: {count: {predicate: {_eq: 2}}}}}, _set: {done: true}) {
        affected_rows
      }
      none: update_task(where: {}, _set: {}) { affected_rows returning { id } }
      void: update_task(where: {}) { affected_rows }
    }`)
    expect(data).toEqual({
      update_task: { affected_rows: 2 },
      none: { affected_rows: 0, returning: [] },
      void: { affected_rows: 0 },
    })
  })

  it('of many does them in order, with a response for each', async () => {
    const data = await workshop.data(`mutation {
      update_team_many(updates: [
        {where: {id: {_eq: 1}}, _set: {name: "x"}}
        {where: {name: {_eq: "x"}}, _inc: {budget: 1}}
        {where: {id: {_gt: 1}}}
      ]) { affected_rows returning { name budget } }
      none: update_team_many(updates: []) { affected_rows }
    }`)
    expect(data).toEqual({
      update_team_many: [
        { affected_rows: 1, returning: [{ name: 'x', budget: 10.5 }] },
        { affected_rows: 1, returning: [{ name: 'x', budget: 11.5 }] },
        { affected_rows: 0, returning: [] },
      ],
      none: [],
    })
  })

  it.each([
    [
      'update_team(where: {}, _set: {name: "a", budget: 1}, _inc: {budget: 1, visits: 2}) { affected_rows }',
      '$.selectionSet.update_team.args',
      "Column found in multiple operators: ['budget'].",
    ],
    [
      'update_team(where: null) { affected_rows }',
      '$.selectionSet.update_team.args.where',
      "expected an object for type 'team_bool_exp', but found null",
    ],
    [
      'update_team(_set: {name: "a"}) { affected_rows }',
      '$.selectionSet.update_team.args.where',
      "missing required field 'where'",
    ],
    [
      'update_team(where: {id: {_eq: null}}, _set: {name: "a"}) { affected_rows }',
      '$.selectionSet.update_team.args.where.id._eq',
      "unexpected null value for type 'Int'",
    ],
    [
      'update_team(where: {}, _set: {name: null}) { affected_rows }',
      '$.selectionSet.update_team.args._set.name',
      "unexpected null value for type 'String'",
    ],
    [
      'update_team(where: {}, _inc: {code: 1}) { affected_rows }',
      '$.selectionSet.update_team.args._inc.code',
      "field 'code' not found in type: 'team_inc_input'",
    ],
    [
      'update_member(where: {}, _set: {slug: "x"}) { affected_rows }',
      '$.selectionSet.update_member.args._set.slug',
      "field 'slug' not found in type: 'member_set_input'",
    ],
    [
      'update_team_by_pk(pk_columns: {}, _set: {name: "a"}) { id }',
      '$.selectionSet.update_team_by_pk.args.pk_columns.id',
      "missing required field 'id'",
    ],
    [
      'update_team_many(updates: [{where: {}, _set: {budget: 1}, _inc: {budget: 1}}]) { affected_rows }',
      '$.selectionSet.update_team_many.args.updates[0]',
      "Column found in multiple operators: ['budget'].",
    ],
    [
      'update_team(where: {}, _set: {name: "a"}) { affected_rows nonsense }',
      '$.selectionSet.update_team.selectionSet.nonsense',
      "field 'nonsense' not found in type: 'team_mutation_response'",
    ],
  ])('%s is refused', async (field, path, message) => {
    expect(await workshop.error(`mutation { ${field} }`)).toEqual({ code: 'validation-failed', path, message })
  })
})

describe('delete', () => {
  it('returns rows as they were, with what is left of their relationships', async () => {
    const data = await workshop.data(`mutation {
      delete_member(where: {id: {_eq: 1}}) { affected_rows returning { name tasks { id } team { name } } }
    }`)
    expect(data.delete_member).toEqual({
      affected_rows: 1,
      returning: [{ name: 'Ann', tasks: [], team: { name: 'Red' } }],
    })
    expect(await workshop.rows('SELECT title FROM task')).toEqual([{ title: 'drill' }])
  })

  it('by key answers with the row, or null', async () => {
    const query = 'mutation { forgetProfile(member_id: 1) { photo } }'
    expect(await workshop.data(query)).toEqual({ forgetProfile: { photo: 'ann.png' } })
    expect(await workshop.data(query)).toEqual({ forgetProfile: null })
  })

  it('of everything', async () => {
    expect(
      (await workshop.data('mutation { delete_task(where: {}) { affected_rows } }')).delete_task.affected_rows,
    ).toBe(3)
  })
})

describe('functions as mutations', () => {
  it('return rows or one row, and get the session', async () => {
    const query = `mutation {
      finish(args: {member: 1}, where: {id: {_gt: 1}}) { id title done member { name } }
      promote(args: {member_id: 1, by: 2}) { name level }
      again: promote(args: {member_id: 1}) { level }
      none: promote(args: {member_id: 1}, limit: 0) { level }
      nobody: promote(args: {member_id: 99}) { level }
    }`
    expect(await workshop.data(query, { session: { 'x-hasura-user-id': 'me' } })).toEqual({
      finish: [{ id: 2, title: 'me', done: true, member: { name: 'Ann' } }],
      promote: { name: 'Ann', level: 5 },
      again: { level: 6 },
      none: null,
      nobody: { level: null },
    })
    expect((await workshop.error('{ finish(args: {member: 1}) { id } }')).message).toContain("field 'finish' not found")
  })

  it('are for roles that they are granted to', async () => {
    const query = 'mutation { finish(args: {member: 1}) { id } }'
    expect((await workshop.data(query, { role: 'lead' })).finish).toHaveLength(2)
    expect((await workshop.error(query, { role: 'member' })).message).toBe(
      "field 'finish' not found in type: 'mutation_root'",
    )
  })
})

describe('one request', () => {
  it('is one transaction, in the order of its fields', async () => {
    const data = await workshop.data(`mutation {
      __typename
      a: insert_team_one(object: {name: "One"}) { id }
      b: update_team(where: {name: {_eq: "One"}}, _set: {name: "Two"}) { affected_rows }
      c: delete_team(where: {name: {_eq: "Two"}}) { affected_rows }
    }`)
    expect(data).toEqual({
      __typename: 'mutation_root',
      a: { id: 3 },
      b: { affected_rows: 1 },
      c: { affected_rows: 1 },
    })

    const query =
      'mutation { insert_team(objects: {name: "New"}) { affected_rows } second: insert_team(objects: {name: "Red"}) { affected_rows } }'
    expect(await workshop.error(query)).toEqual({
      code: 'constraint-violation',
      path: '$.selectionSet.insert_team.args.objects',
      message: 'Uniqueness violation. duplicate key value violates unique constraint "team_name_key"',
    })
    expect(await workshop.rows("SELECT 1 FROM team WHERE name = 'New'")).toEqual([])
  })

  it('tells triggers who writes', async () => {
    const session = { 'x-hasura-role': 'admin', 'x-hasura-user-id': `it's "me"` }
    await workshop.data('mutation { insert_team(objects: {name: "New"}) { affected_rows } }', { session })
    expect(await workshop.rows('SELECT * FROM written')).toEqual([{ by: session, what: 'New' }])
  })

  it('is repeated with other values', async () => {
    const query = `mutation ($name: String!, $budget: numeric) {
      insert_team_one(object: {name: $name, budget: $budget}) { name budget }
    }`
    const run = (variables: object) => workshop.data(query, { variables })
    expect((await run({ name: 'a', budget: 1 })).insert_team_one).toEqual({ name: 'a', budget: 1 })
    expect((await run({ name: 'b', budget: 2 })).insert_team_one).toEqual({ name: 'b', budget: 2 })
    // Left out is not null: the column gets its default.
    expect((await run({ name: 'c' })).insert_team_one).toEqual({ name: 'c', budget: 0 })
    expect((await workshop.error(query, { variables: { name: 'd', budget: null } })).message).toBe(
      "unexpected null value for type 'numeric'",
    )
  })

  it.each([
    [
      'insert_team(objects: {}) { affected_rows }',
      'constraint-violation',
      '$.selectionSet.insert_team.args.objects',
      'Not-NULL violation. null value in column "name" of relation "team" violates not-null constraint',
    ],
    [
      'insert_team_one(object: {id: 1, name: "x"}) { id }',
      'constraint-violation',
      '$.selectionSet.insert_team_one.args.object',
      'Uniqueness violation. duplicate key value violates unique constraint "team_pkey"',
    ],
    [
      'delete_team(where: {}) { affected_rows }',
      'constraint-violation',
      '$',
      'Foreign key violation. update or delete on table "team" violates foreign key constraint "member_team_id_fkey" on table "member"',
    ],
    [
      'update_member(where: {}, _set: {level: 0}) { affected_rows }',
      'permission-error',
      '$',
      'Check constraint violation. new row for relation "member" violates check constraint "member_level_check"',
    ],
    [
      'insert_task(objects: {member_id: 1, title: "much longer than twenty letters"}) { affected_rows }',
      'data-exception',
      '$.selectionSet.insert_task.args.objects',
      'value too long for type character varying(20)',
    ],
    [
      'insert_task(objects: {member_id: 1, title: "x", due: "someday"}) { affected_rows }',
      'data-exception',
      '$.selectionSet.insert_task.args.objects',
      'invalid input syntax for type timestamp with time zone: "someday"',
    ],
    [
      'insert_member(objects: {name: "x", level: 70000}) { affected_rows }',
      'parse-failed',
      '$.selectionSet.insert_member.args.objects[0].level',
      'parsing Int16 failed, value is either floating or will cause over or underflow 70000.0',
    ],
    [
      'insert_member(objects: {name: "x", level: "70000"}) { affected_rows }',
      'data-exception',
      '$.selectionSet.insert_member.args.objects',
      'value "70000" is out of range for type smallint',
    ],
    [
      'insert_task(objects: [{member_id: 2147483648, title: "x"}]) { affected_rows }',
      'parse-failed',
      '$.selectionSet.insert_task.args.objects[0].member_id',
      'The value 2.147483648e9 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
    ],
    [
      'insert_team(objects: {name: "x"}, on_conflict: {constraint: nonsense}) { affected_rows }',
      'validation-failed',
      '$.selectionSet.insert_team.args.on_conflict.constraint',
      "expected one of the values ['team_name_key', 'team_pkey'] for type 'team_constraint', but found 'nonsense'",
    ],
    [
      'insert_team(objects: {name: "x"}, on_conflict: {update_columns: [name]}) { affected_rows }',
      'validation-failed',
      '$.selectionSet.insert_team.args.on_conflict.constraint',
      "missing required field 'constraint'",
    ],
    [
      'insert_team(objects: {name: "x"}, on_conflict: {constraint: team_pkey, update_columns: [slug]}) { affected_rows }',
      'validation-failed',
      '$.selectionSet.insert_team.args.on_conflict.update_columns[0]',
      "expected one of the values ['id', 'name', 'budget', 'settings', 'code', 'visits'] for type 'team_update_column', but found 'slug'",
    ],
    [
      'insert_member(objects: [{team: {data: null}}]) { affected_rows }',
      'validation-failed',
      '$.selectionSet.insert_member.args.objects[0].team.data',
      "expected an object for type 'team_insert_input', but found null",
    ],
    // A single row stands for a list of one, without a place in a list.
    [
      'insert_task(objects: {member_id: true, title: "x"}) { affected_rows }',
      'validation-failed',
      '$.selectionSet.insert_task.args.objects[0].member_id',
      "expected a 32-bit integer for type 'Int', but found a boolean",
    ],
  ])('%s is refused', async (field, code, path, message) => {
    expect(await workshop.error(`mutation { ${field} }`)).toEqual({ code, path, message })
  })
})
