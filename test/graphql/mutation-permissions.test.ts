import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import type { HasuraMetadata, MetadataTable } from '../../src/hasura/metadata.ts'
import { createWorkshop, WORKSHOP_METADATA, type Workshop } from './support/workshop.ts'

let workshop: Workshop
beforeAll(async () => {
  workshop = await createWorkshop()
})
beforeEach(() => workshop.reset())
afterAll(async () => {
  expect(workshop.surprises).toEqual([])
  await workshop.database.drop()
})

const lead = { role: 'lead', session: { 'x-hasura-team': 'Red' } }
const member = { role: 'member', session: { 'x-hasura-user-id': '1', 'x-hasura-mail': 'me@x' } }
const FAILED = 'check constraint of an insert/update permission has failed'
const mutationFields = (role: string, backendOnly = false): string[] =>
  Object.keys(workshop.engine.schema(role, backendOnly).getMutationType()?.getFields() ?? {}).sort()

describe('the schema of a role', () => {
  it('has the mutations it may do, and by key only what it may see the key of', () => {
    expect(mutationFields('member')).toEqual([
      'delete_task',
      'delete_task_by_pk',
      'insert_task',
      'insert_task_one',
      'update_member',
      'update_member_by_pk',
      'update_member_many',
      'update_task',
      'update_task_by_pk',
      'update_task_many',
    ])
    expect(mutationFields('inbox')).toEqual(['delete_task', 'insert_task'])
    expect(mutationFields('stranger')).toEqual([])
  })

  it('says that there are no mutations for a role without any', async () => {
    expect(
      await workshop.error('mutation { insert_team(objects: []) { affected_rows } }', { role: 'stranger' }),
    ).toEqual({
      code: 'validation-failed',
      path: '$',
      message: 'no mutations exist',
    })
  })

  it('shows what is for backends only to backends only, also where it is nested', async () => {
    expect(mutationFields('backend')).toEqual([])
    expect(mutationFields('backend', true)).toEqual([
      'delete_member',
      'insert_member',
      'update_member',
      'update_member_many',
    ])
    const query = 'mutation { insert_member(objects: {name: "x"}) { affected_rows } }'
    expect((await workshop.error(query, { role: 'backend' })).message).toBe('no mutations exist')
    expect(await workshop.data(query, { role: 'backend', backendOnly: true })).toEqual({
      insert_member: { affected_rows: 1 },
    })
  })
})

describe('insert', () => {
  it('takes the columns of the permission only, and presets win', async () => {
    const query = 'mutation { insert_team_one(object: {name: "New", settings: {}}) { name budget } }'
    expect(await workshop.data(query, lead)).toEqual({ insert_team_one: { name: 'New', budget: 7 } })
    for (const column of ['budget', 'code']) {
      expect(
        await workshop.error(`mutation { insert_team(objects: [{${column}: "1"}]) { affected_rows } }`, lead),
      ).toEqual({
        code: 'validation-failed',
        path: `$.selectionSet.insert_team.args.objects[0].${column}`,
        message: `field '${column}' not found in type: 'team_insert_input'`,
      })
    }
  })

  it('checks every row, also through relationships, and takes all of them back', async () => {
    const insert = (rows: string) => `mutation { insert_member(objects: [${rows}]) { affected_rows } }`
    expect(await workshop.data(insert('{name: "x", team_id: 1}'), lead)).toEqual({
      insert_member: { affected_rows: 1 },
    })
    const query = insert('{name: "y", team_id: 1}, {name: "z", team_id: 2}')
    expect(await workshop.error(query, lead)).toEqual({
      code: 'permission-error',
      path: '$.selectionSet.insert_member.args.objects',
      message: FAILED,
    })
    expect(await workshop.rows("SELECT name FROM member WHERE name IN ('y', 'z')")).toEqual([])
  })

  it('checks nested rows where they stand, with the permission of their own table', async () => {
    const nested = (budget: string) => `mutation {
      insert_team(objects: {name: "Red2", members: {data: [{name: "n"}]}}${budget}) { affected_rows }
    }`
    expect(await workshop.error(nested(''), lead)).toEqual({
      code: 'permission-error',
      path: '$.selectionSet.insert_team.args.objects[0].members.data',
      message: FAILED,
    })
    const session = { 'x-hasura-team': 'Red2' }
    expect(await workshop.data(nested(''), { role: 'lead', session })).toEqual({ insert_team: { affected_rows: 2 } })
    // The role member may not insert members, so there is no such field.
    const task = 'mutation { insert_task(objects: [{title: "x", member: {data: {name: "y"}}}]) { affected_rows } }'
    expect((await workshop.error(task, member)).message).toBe("field 'member' not found in type: 'task_insert_input'")
  })

  it('refuses a row of which the check cannot say', async () => {
    const insert = (row: string) =>
      `mutation { insert_task(objects: [{title: "t", member_id: 1${row}}]) { affected_rows } }`
    expect(await workshop.data(insert(', reviewer_id: 1'), { role: 'nullable' })).toEqual({
      insert_task: { affected_rows: 1 },
    })
    expect((await workshop.error(insert(''), { role: 'nullable' })).message).toBe(FAILED)
  })

  it('needs the session variables of its check and presets', async () => {
    const query = 'mutation { insert_task(objects: {title: "x", member_id: 1}) { affected_rows } }'
    expect(await workshop.error(query, { role: 'member' })).toEqual({
      code: 'not-found',
      path: '$',
      message: 'missing session variable: "x-hasura-user-id"',
    })
    expect(await workshop.rows("SELECT 1 FROM task WHERE title = 'x'")).toEqual([])
  })

  it('without a right to read says how many, and no more', async () => {
    const query = (fields: string) => `mutation { insert_task(objects: {title: "x"}) { ${fields} } }`
    expect(await workshop.data(query('affected_rows'), { role: 'inbox' })).toEqual({
      insert_task: { affected_rows: 1 },
    })
    expect((await workshop.error(query('returning { id }'), { role: 'inbox' })).message).toBe(
      "field 'returning' not found in type: 'task_mutation_response'",
    )
  })

  it('returns columns and relationships that the role may see', async () => {
    const query = (fields: string) =>
      `mutation { insert_task_one(object: {title: "x", member_id: 1}) { title member { ${fields} } } }`
    expect(await workshop.data(query('name'), member)).toEqual({
      insert_task_one: { title: 'x', member: { name: 'Ann' } },
    })
    expect((await workshop.error(query('mail'), member)).message).toBe("field 'mail' not found in type: 'member'")
  })
})

describe('upsert', () => {
  const upsert = (row: string, columns: string) =>
    `mutation { insert_task(objects: [${row}], on_conflict: {constraint: task_pkey, update_columns: [${columns}]}) { affected_rows returning { id title } } }`

  it('updates only rows that the role may update, and only columns it may update', async () => {
    expect(await workshop.data(upsert('{id: 1, member_id: 1, title: "mine"}', 'title'), member)).toEqual({
      insert_task: { affected_rows: 1, returning: [{ id: 1, title: 'mine' }] },
    })
    // Task 3 is another member's: the update's filter leaves it as it is.
    expect(await workshop.data(upsert('{id: 3, member_id: 1, title: "mine"}', 'title'), member)).toEqual({
      insert_task: { affected_rows: 0, returning: [] },
    })
    expect((await workshop.error(upsert('{id: 1, member_id: 1, title: "x"}', 'member_id'), member)).message).toBe(
      "expected one of the values ['title', 'done'] for type 'task_update_column', but found 'member_id'",
    )
  })

  it('checks new rows by the insert permission and others by the update permission', async () => {
    const failure = { code: 'permission-error', path: '$.selectionSet.insert_task.args.objects', message: FAILED }
    expect(await workshop.error(upsert('{id: 1, member_id: 1, title: "forbidden"}', 'title'), member)).toEqual(failure)
    expect((await workshop.ask(upsert('{member_id: 1, title: "forbidden"}', 'title'), member)).errors).toBeUndefined()
    expect(await workshop.error(upsert('{member_id: 2, title: "x"}', 'title'), member)).toEqual(failure)
  })

  it('writes the presets of the update', async () => {
    // The role of the test may insert members and has member's update permission.
    const tables = WORKSHOP_METADATA.sources[0]?.tables.map((table): MetadataTable => {
      const insert_permissions = table.insert_permissions?.map(item =>
        item.role === 'backend'
          ? { ...item, role: 'member', permission: { ...item.permission, backend_only: false } }
          : item,
      )
      return table.table.name === 'member' ? ({ ...table, insert_permissions } as MetadataTable) : table
    })
    const metadata = { version: 3, sources: [{ ...WORKSHOP_METADATA.sources[0], tables }] } as HasuraMetadata
    const engine = await createGraphqlEngine({ pool: workshop.database.pool, metadata })
    const query = `mutation {
      insert_member(objects: {id: 1, name: "Anna"}, on_conflict: {constraint: member_pkey, update_columns: [name]}) { affected_rows }
    }`
    const answer = await engine.execute({ query }, { role: 'member', variables: member.session })
    expect(JSON.parse(answer)).toEqual({ data: { insert_member: { affected_rows: 1 } } })
    expect(await workshop.rows('SELECT name, "eMail" AS mail, badges FROM member WHERE id = 1')).toEqual([
      { name: 'Anna', mail: 'me@x', badges: ['self'] },
    ])
  })

  it('of a role that may not update does nothing, and cannot name columns', async () => {
    const query = (columns: string) =>
      `mutation { insert_task(objects: {title: "x"}, on_conflict: {constraint: task_pkey, update_columns: [${columns}]}) { affected_rows } }`
    expect(await workshop.data(query(''), { role: 'inbox' })).toEqual({ insert_task: { affected_rows: 1 } })
    expect(await workshop.error(query('_PLACEHOLDER'), { role: 'inbox' })).toEqual({
      code: 'validation-failed',
      path: '$.selectionSet.insert_task.args.on_conflict',
      message: 'erroneous column name',
    })
  })
})

describe('update', () => {
  it('changes only the rows and columns of the permission, and writes presets', async () => {
    const query = 'mutation { update_member(where: {}, _set: {name: "Anna"}) { affected_rows returning { id name } } }'
    expect(await workshop.data(query, member)).toEqual({
      update_member: { affected_rows: 1, returning: [{ id: 1, name: 'Anna' }] },
    })
    expect(await workshop.rows('SELECT "eMail" AS mail, badges FROM member ORDER BY id')).toEqual([
      { mail: 'me@x', badges: ['self'] },
      { mail: null, badges: null },
      { mail: 'cy@x', badges: null },
    ])
    expect(
      await workshop.error('mutation { update_member(where: {}, _inc: {level: 1}) { affected_rows } }', member),
    ).toEqual({
      code: 'validation-failed',
      path: '$.selectionSet.update_member',
      message: "'update_member' has no argument named '_inc'",
    })
    const byKey = 'mutation { update_member_by_pk(pk_columns: {id: 2}, _set: {name: "B"}) { id } }'
    expect(await workshop.data(byKey, member)).toEqual({ update_member_by_pk: null })
  })

  it('checks what rows become, and takes all of them back', async () => {
    const update = (by: number) => `mutation { update_team(where: {}, _inc: {budget: ${by}}) { affected_rows } }`
    expect(await workshop.data(update(50), lead)).toEqual({ update_team: { affected_rows: 1 } })
    expect(await workshop.error(update(50), lead)).toEqual({ code: 'permission-error', path: '$', message: FAILED })
    expect(await workshop.rows('SELECT budget FROM team WHERE id = 1')).toEqual([{ budget: '60.5' }])
  })

  it('answers no questions about what the role may not see', async () => {
    const query = 'mutation { update_member(where: {mail: {_like: "ann%"}}, _set: {name: "x"}) { affected_rows } }'
    expect((await workshop.error(query, member)).message).toBe("field 'mail' not found in type: 'member_bool_exp'")
  })
})

describe('delete', () => {
  it('removes only the rows of the permission', async () => {
    const query = 'mutation { delete_member(where: {}) { affected_rows returning { name } } }'
    expect((await workshop.data(query, lead)).delete_member.affected_rows).toBe(2)
    expect(await workshop.rows('SELECT name FROM member')).toEqual([{ name: 'Cy' }])
    expect(await workshop.data('mutation { delete_task_by_pk(id: 3) { id } }', member)).toEqual({
      delete_task_by_pk: null,
    })
  })

  it('of a role that sees nothing takes an empty filter only', async () => {
    const query = (where: string) => `mutation { delete_task(where: ${where}) { affected_rows } }`
    expect((await workshop.error(query('{id: {_eq: 1}}'), { role: 'inbox' })).message).toBe(
      "field 'id' not found in type: 'task_bool_exp'",
    )
    expect(await workshop.data(query('{_and: [{}]}'), { role: 'inbox' })).toEqual({ delete_task: { affected_rows: 3 } })
  })
})

describe('inherited roles', () => {
  const both = {
    ...WORKSHOP_METADATA,
    inherited_roles: [
      { role_name: 'team_worker', role_set: ['lead', 'reader'] },
      { role_name: 'deep', role_set: ['team_worker', 'lead'] },
      { role_name: 'torn', role_set: ['lead', 'member'] },
      { role_name: 'self', role_set: ['self'] },
    ],
  }
  let engine: GraphqlEngine
  beforeAll(async () => {
    engine = await createGraphqlEngine({ pool: workshop.database.pool, metadata: both })
  })
  const fields = (role: string): string[] =>
    Object.keys(engine.schema(role).getMutationType()?.getFields() ?? {}).sort()

  it('may write what one parent may, or several in the same way', async () => {
    expect(fields('team_worker')).toEqual(mutationFields('lead'))
    expect(fields('deep')).toEqual(mutationFields('lead'))
    expect(fields('self')).toEqual([])
    const query = 'mutation { insert_team_one(object: {name: "New"}) { budget } finish(args: {member: 1}) { done } }'
    expect(JSON.parse(await engine.execute({ query }, { role: 'deep', variables: {} }))).toEqual({
      data: { insert_team_one: { budget: 7 }, finish: [{ done: true }, { done: true }] },
    })
  })

  it('may not write what parents may in different ways', () => {
    // Both may update members, each others and other columns; only one may delete them, or update tasks.
    expect(fields('torn').filter(name => /member/.test(name))).toEqual([
      'delete_member',
      'delete_member_by_pk',
      'insert_member',
      'insert_member_one',
    ])
    expect(fields('torn')).toContain('update_task')
  })
})

describe('session variables for lists', () => {
  it.each(['{1,2}', '["1", 2]', '[0:1]={1,2}'])('may be %s', async ids => {
    const tables = WORKSHOP_METADATA.sources[0]?.tables.map((table): MetadataTable => {
      const permission = { filter: { id: { _in: 'X-Hasura-Ids' } }, backend_only: false }
      return table.table.name === 'task' ? { ...table, delete_permissions: [{ role: 'some', permission }] } : table
    })
    const metadata = { version: 3, sources: [{ ...WORKSHOP_METADATA.sources[0], tables }] } as HasuraMetadata
    const engine = await createGraphqlEngine({ pool: workshop.database.pool, metadata })
    const query = 'mutation { delete_task(where: {}) { affected_rows } }'
    const answer = await engine.execute({ query }, { role: 'some', variables: { 'x-hasura-ids': ids } })
    expect(answer).toBe('{"data":{"delete_task":{"affected_rows":2}}}')
  })
})

describe('permissions that cannot be', () => {
  it.each([
    [
      {
        insert_permissions: [
          { role: 'x', permission: { columns: '*', check: {}, set: { nope: 1 }, backend_only: false } },
        ],
      },
      'the preset nope of role x on public.team: there is no such column',
    ],
    [
      {
        insert_permissions: [
          { role: 'x', permission: { columns: '*', check: {}, set: { id: 'many' }, backend_only: false } },
        ],
      },
      'the preset id of role x on public.team: expected a 32-bit integer',
    ],
    [
      {
        update_permissions: [
          { role: 'x', permission: { columns: '*', filter: {}, check: { nope: 1 }, set: {}, backend_only: false } },
        ],
      },
      'the check on public.team: nope is neither a column nor a relationship',
    ],
  ])('%j are said to the operator, not to the client', async (change, message) => {
    const tables = WORKSHOP_METADATA.sources[0]?.tables.map(table =>
      table.table.name === 'team' ? { ...table, ...change } : table,
    )
    const metadata = { version: 3, sources: [{ ...WORKSHOP_METADATA.sources[0], tables }] } as HasuraMetadata
    const engine = await createGraphqlEngine({ pool: workshop.database.pool, metadata })
    expect(engine.inconsistencies).toEqual([expect.stringContaining(`role x cannot be served: ${message}`)])
    expect(() => engine.schema('x')).toThrow(message)
    expect(engine.schema('lead').getMutationType()).toBeDefined()
  })
})
