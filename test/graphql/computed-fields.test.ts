import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, createCompany } from './support/company.ts'

let company: Company
beforeAll(async () => {
  company = await createCompany()
})
afterAll(() => company.database.drop())

const names = (rows: { first_name: string }[]) => rows.map(row => row.first_name)

describe('computed fields', () => {
  it('are scalars of a row, with arguments, defaults and the session', async () => {
    const query = `{ employee(order_by: {id: asc}, limit: 2) {
      full_name
      year: pay
      half: pay(args: {months: 6})
      double: pay(args: {factor: "2"})
      greeting(args: {word: "Hi"})
      details(path: "pets[0].name")
    } }`
    expect(await company.data(query, {}, 'admin', { 'x-hasura-place': 'here' })).toEqual({
      employee: [
        {
          full_name: 'Ada L.',
          year: 10_800,
          half: 5_400,
          double: 21_600,
          greeting: 'Hi Ada from here',
          details: 'Rex',
        },
        { full_name: 'Bob', year: 3_600, half: 1_800, double: 7_200, greeting: 'Hi Bob from here', details: null },
      ],
    })
  })

  it('are rows of a table, chosen and ordered like any others, and one row', async () => {
    const query = `{ employee(order_by: {id: asc}, offset: 1, limit: 2) {
      first_name
      colleagues { first_name own_team { name } }
      richer(args: {term: "a"}, where: {grade: {_eq: senior}}, order_by: {salary: desc}, limit: 1) { full_name }
    } }`
    expect(await company.data(query)).toEqual({
      employee: [
        {
          first_name: 'Bob',
          colleagues: [{ first_name: 'Cyd', own_team: { name: 'Makers' } }],
          richer: [{ full_name: 'Ada L.' }],
        },
        {
          first_name: 'Cyd',
          colleagues: [{ first_name: 'Bob', own_team: { name: 'Makers' } }],
          richer: [{ full_name: 'Ada L.' }],
        },
      ],
    })
  })

  it('choose and order rows where they take no arguments', async () => {
    const scalar = await company.data('{ employee(where: {full_name: {_ilike: "%L."}}) { first_name } }')
    expect(names(scalar.employee)).toEqual(['Ada'])
    const session = await company.data(
      '{ employee(where: {distance: {_lte: 100}}, order_by: [{distance: desc}, {id: desc}]) { first_name distance } }',
      {},
      'admin',
      { 'x-hasura-salary': '400' },
    )
    expect(names(session.employee)).toEqual(['Cyd', 'Bob', 'Dan'])
    const rows = await company.data('{ employee(where: {colleagues: {salary: {_gt: 400}}}) { first_name } }')
    expect(names(rows.employee)).toEqual(['Bob'])
    const ordered = await company.data(
      '{ employee(order_by: [{colleagues_aggregate: {max: {salary: desc_nulls_last}}}, {full_name: desc}]) { first_name } }',
    )
    expect(names(ordered.employee)).toEqual(['Bob', 'Cyd', 'Dan', 'Ada'])
    const nested = await company.data('{ team(where: {employees: {full_name: {_eq: "Dan"}}}) { id } }')
    expect(nested.team).toEqual([{ id: 3 }])
  })

  it('that take arguments are no filters', async () => {
    expect(await company.error('{ employee(where: {richer: {id: {_eq: 1}}}) { id } }')).toEqual({
      message: "field 'richer' not found in type: 'employee_bool_exp'",
      extensions: { path: '$.selectionSet.employee.args.where.richer', code: 'validation-failed' },
    })
    expect((await company.error('{ employee { richer(args: {}) { id } } }')).message).toBe(
      'Non default arguments cannot be omitted',
    )
  })

  it('are seen by roles that are granted them, and rows as their table is', async () => {
    const own = await company.data('{ employee { full_name } }', {}, 'self', { 'x-hasura-user-id': '1' })
    expect(own.employee).toEqual([{ full_name: 'Ada L.' }])
    expect(await company.error('{ employee { full_name } }', {}, 'hidden')).toEqual({
      message: "field 'full_name' not found in type: 'employee'",
      extensions: { path: '$.selectionSet.employee.selectionSet.full_name', code: 'validation-failed' },
    })
    const fields = company.engine.schema('hidden').getType('employee_bool_exp')?.toConfig() as { fields: object }
    expect(Object.keys(fields.fields)).toEqual(['_and', '_not', '_or', 'id', 'first_name', 'colleagues'])
    // Who sees only seniors sees only seniors among colleagues.
    const graded = await company.data('{ employee { id colleagues { id } } }', {}, 'graded')
    expect(graded.employee).toEqual([
      { id: 1, colleagues: [] },
      { id: 3, colleagues: [] },
    ])
  })

  it('stand in permissions', async () => {
    const named = await company.data('{ employee(order_by: {id: asc}) { first_name } }', {}, 'named')
    expect(names(named.employee)).toEqual(['Ada', 'Cyd'])
    expect((await company.data('{ employee { id } }', {}, 'social')).employee).toEqual([{ id: 2 }])
  })

  it('are left out, with the reason, when they cannot be served', () => {
    expect(company.engine.inconsistencies).toEqual(
      expect.arrayContaining([
        'computed field writes of public.employee: function public.writes is volatile; a computed field must not write',
        'computed field missing of public.employee: function public.missing does not exist',
        'computed field salary of public.employee: a column or relationship has the same name',
      ]),
    )
  })
})

describe('functions as queries', () => {
  it('take arguments by position where they have no names', async () => {
    const data = await company.data(`{
      all: paid(args: {arg_1: "junior"}) { id }
      named: paid(args: {arg_1: "junior", arg_2: 350, atMost: 500}) { id }
      count: paid_aggregate(args: {arg_1: "senior", arg_2: 600}) { aggregate { count } }
    }`)
    expect(data).toEqual({ all: [{ id: 2 }, { id: 4 }], named: [{ id: 4 }], count: { aggregate: { count: 1 } } })
    expect(await company.error('{ paid(args: {arg_2: 1}) { id } }')).toEqual({
      message: 'Non default arguments cannot be omitted',
      extensions: { path: '$.selectionSet.paid.args.args', code: 'not-supported' },
    })
  })

  it('leave out an argument with a default only where the rest has names', async () => {
    const data = await company.data('{ paid(args: {arg_1: "junior", atMost: 350}) { id } }')
    expect(data.paid).toEqual([{ id: 2 }])
  })

  it('take a row as text, under a type name of its own', async () => {
    const data = await company.data(
      '{ of_team(args: {of: "(2,x,top)"}) { id } countOfTeam(args: {of: "(3,x,top)"}) { aggregate { count } } }',
    )
    expect(data).toEqual({ of_team: [{ id: 2 }, { id: 3 }], countOfTeam: { aggregate: { count: 1 } } })
    expect(String(company.engine.schema('admin').getType('of_team_args')?.toConfig().name)).toBe('of_team_args')
    expect(company.engine.schema('admin').getType('team_scalar')).toBeDefined()
  })
})
