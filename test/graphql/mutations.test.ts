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
    const rows = Array.from({ length: 70_000 }, (_, index) => ({ name: `n${index}` }))
    const data = await workshop.data(
      'mutation ($rows: [team_insert_input!]!) { insert_team(objects: $rows) { affected_rows } }',
      { variables: { rows } },
    )
    expect(data.insert_team.affected_rows).toBe(70_000)
  })
})
