import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, createCompany } from './support/company.ts'

let company: Company
beforeAll(async () => {
  company = await createCompany()
})
afterAll(() => company.database.drop())

const lead = { 'x-hasura-user-id': '1' }

describe('aggregates', () => {
  it('are over computed fields, too, with their arguments', async () => {
    const { employee_aggregate: all } = await company.data(
      `query ($months: Int) {
        employee_aggregate(where: {id: {_lte: 2}}) {
          aggregate {
            sum { salary year: pay months: pay(args: {months: $months}) __typename }
            avg { pay(args: {months: 1}) }
            max { full_name distance }
          }
        }
      }`,
      { months: 2 },
      'admin',
      { 'x-hasura-salary': '400' },
    )
    expect(all.aggregate).toEqual({
      sum: { salary: 1200, year: 14400, months: 2400, __typename: 'employee_sum_fields' },
      avg: { pay: 600 },
      max: { full_name: 'Bob', distance: 500 },
    })
    // `full_name` was not granted to the role, `pay` to none.
    const document = (field: string) => `{ employee_aggregate { aggregate { max { ${field} } } } }`
    expect((await company.error(document('full_name'), {}, 'maker')).message).toBe(
      "field 'full_name' not found in type: 'employee_max_fields'",
    )
    const cells = '{ employee_aggregate { aggregate { count max { full_name } } } }'
    expect((await company.data(cells, {}, 'lead', lead)).employee_aggregate.aggregate).toEqual({
      count: 3,
      max: { full_name: 'Ada L.' },
    })
  })

  it('group rows by columns, with the same aggregates for each group', async () => {
    const { employee_aggregate: groups, team } = await company.data(`{
      employee_aggregate(where: {id: {_lte: 3}}) {
        grades: group_by(keys: [{column: grade}]) {
          key: group_key { grade other: team_id __typename }
          aggregate { count sum { salary } rich: max { salary full_name } }
        }
        group_by(keys: [{column: team_id}, {column: grade}, {column: team_id}]) { group_key { team_id grade } __typename }
        single: group_by(keys: {column: grade}) { aggregate { count } }
        all: group_by(keys: []) { aggregate { count } }
        names: group_by(keys: []) { __typename }
      }
      team(order_by: {id: asc}) { employees_aggregate { group_by(keys: [{column: grade}]) { group_key { grade } aggregate { count } } } }
    }`)
    const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
    expect(groups.grades.toSorted(byText)).toEqual([
      {
        key: { grade: 'junior', other: null, __typename: 'employee_group_by_key_fields' },
        aggregate: { count: 1, sum: { salary: 300 }, rich: { salary: 300, full_name: 'Bob' } },
      },
      {
        key: { grade: 'senior', other: null, __typename: 'employee_group_by_key_fields' },
        aggregate: { count: 2, sum: { salary: 1400 }, rich: { salary: 900, full_name: 'Cyd K.' } },
      },
    ])
    expect(groups.group_by.toSorted(byText)).toEqual([
      { group_key: { team_id: 1, grade: 'senior' }, __typename: 'employee_group_by' },
      { group_key: { team_id: 2, grade: 'junior' }, __typename: 'employee_group_by' },
      { group_key: { team_id: 2, grade: 'senior' }, __typename: 'employee_group_by' },
    ])
    expect(groups.single.toSorted(byText)).toEqual([{ aggregate: { count: 1 } }, { aggregate: { count: 2 } }])
    expect(groups.all).toEqual([{ aggregate: { count: 3 } }])
    expect(groups.names).toEqual([{ __typename: 'employee_group_by' }])
    expect(team.at(-1)).toEqual({ employees_aggregate: { group_by: [] } })
    expect(team.at(0).employees_aggregate.group_by).toEqual([
      { group_key: { grade: 'senior' }, aggregate: { count: 1 } },
    ])
    const none = '{ employee_aggregate(where: {id: {_lt: 0}}) { group_by(keys: []) { aggregate { count } } } }'
    expect((await company.data(none)).employee_aggregate).toEqual({ group_by: [] })
  })

  it('put the cells that an inherited role does not see into one group', async () => {
    const document =
      '{ employee_aggregate { group_by(keys: [{column: salary}]) { group_key { salary } aggregate { count } } } }'
    const { employee_aggregate: groups } = await company.data(document, {}, 'lead', lead)
    expect(groups.group_by).toHaveLength(2)
    expect(groups.group_by).toContainEqual({ group_key: { salary: 900 }, aggregate: { count: 1 } })
    expect(groups.group_by).toContainEqual({ group_key: { salary: null }, aggregate: { count: 2 } })
  })

  it('can only count rows for a role that sees no column', async () => {
    const asBlind = (query: string) => [query, {}, 'blind'] as const
    expect(await company.data(...asBlind('{ employee_aggregate { aggregate { count } } }'))).toEqual({
      employee_aggregate: { aggregate: { count: 4 } },
    })
    expect(await company.error(...asBlind('{ employee_aggregate { aggregate { count(columns: id) } } }'))).toEqual({
      message: "'count' has no argument named 'columns'",
      extensions: {
        path: '$.selectionSet.employee_aggregate.selectionSet.aggregate.selectionSet.count',
        code: 'validation-failed',
      },
    })
    const error = await company.error(...asBlind('{ employee_aggregate { group_by(keys: []) { __typename } } }'))
    expect(error.message).toBe("field 'group_by' not found in type: 'employee_aggregate'")
  })
})
