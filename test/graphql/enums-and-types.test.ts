import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, createCompany } from './support/company.ts'

let company: Company
beforeAll(async () => {
  company = await createCompany()
})
afterAll(() => company.database.drop())

const ids = (rows: { id: number }[]) => rows.map(row => row.id)

describe('enum tables', () => {
  it('are the type of the columns that refer to them', async () => {
    const data = await company.data(`{
      grade: __type(name: "grade_enum") { kind enumValues { name description } }
      filter: __type(name: "grade_enum_comparison_exp") { inputFields { name } }
      max: __type(name: "employee_max_fields") { fields { name } }
      employee(where: {id: {_lte: 2}}, order_by: {id: asc}) { grade }
    }`)
    expect(data.grade).toEqual({
      kind: 'ENUM',
      enumValues: [
        { name: 'junior', description: null },
        { name: 'senior', description: 'Knows more' },
      ],
    })
    expect(data.filter.inputFields.map((field: { name: string }) => field.name)).toEqual([
      '_eq',
      '_in',
      '_is_null',
      '_neq',
      '_nin',
    ])
    // In the order of their names, as Hasura shows them.
    expect(data.max.fields.map((field: { name: string }) => field.name)).toEqual([
      'bonus',
      'distance',
      'first_name',
      'full_name',
      'greeting',
      'id',
      'last_name',
      'mail',
      'pay',
      'salary',
      'share',
      'tags',
      'team_id',
    ])
    expect(data.employee).toEqual([{ grade: 'senior' }, { grade: 'junior' }])
  })

  it('take values of the enum, from the document and from variables', async () => {
    expect(ids((await company.data('{ employee(where: {grade: {_eq: senior}}) { id } }')).employee)).toEqual([1, 3])
    const variable = 'query ($g: grade_enum!) { employee(where: {grade: {_neq: $g}}) { id } }'
    expect(ids((await company.data(variable, { g: 'senior' })).employee)).toEqual([2, 4])
    expect(ids((await company.data(variable, { g: 'junior' })).employee)).toEqual([1, 3])
    const list = 'query ($g: [grade_enum!]) { employee(where: {grade: {_in: $g}}) { id } }'
    expect(ids((await company.data(list, { g: ['senior', 'junior'] })).employee)).toEqual([1, 2, 3, 4])
    expect(ids((await company.data('{ employee(where: {grade: {_nin: [senior]}}) { id } }')).employee)).toEqual([2, 4])
  })

  it('refuse anything else as Hasura does', async () => {
    const path = '$.selectionSet.employee.args.where.grade._eq'
    expect(await company.error('{ employee(where: {grade: {_eq: "senior"}}) { id } }')).toEqual({
      message: "expected an enum value for type 'grade_enum', but found a string",
      extensions: { path, code: 'validation-failed' },
    })
    const allowed = "expected one of the values ['junior', 'senior'] for type 'grade_enum', but found 'boss'"
    expect((await company.error('{ employee(where: {grade: {_eq: boss}}) { id } }')).message).toBe(allowed)
    expect(
      (await company.error('query ($g: grade_enum!) { employee(where: {grade: {_eq: $g}}) { id } }', { g: 'boss' }))
        .message,
    ).toBe(allowed)
    expect((await company.error('{ employee(where: {grade: {_like: "s%"}}) { id } }')).message).toBe(
      "field '_like' not found in type: 'grade_enum_comparison_exp'",
    )
  })

  it('are there for roles that do not see the table', async () => {
    const query = '{ table: __type(name: "grade") { name } enum: __type(name: "grade_enum") { name } employee { id } }'
    expect(await company.data(query, {}, 'graded')).toEqual({
      table: null,
      enum: { name: 'grade_enum' },
      employee: [{ id: 1 }, { id: 3 }],
    })
    // Even when it sees no column of the type.
    expect((await company.data('{ __type(name: "grade_enum") { name } }', {}, 'tagged')).__type.name).toBe('grade_enum')
  })

  it('that are none are said so', () => {
    expect(company.engine.inconsistencies).toContainEqual(
      expect.stringMatching(/^table public.not_an_enum is no enum:/),
    )
  })
})

describe('types', () => {
  it('ltree asks for ancestors, descendants and patterns', async () => {
    const found = async (filter: string) =>
      ids((await company.data(`{ team(where: {path: ${filter}}, order_by: {id: asc}) { id } }`)).team)
    expect(await found('{_ancestor: "top.makers"}')).toEqual([1, 2])
    expect(await found('{_ancestor_any: ["top.makers.tools", "other"]}')).toEqual([1, 2, 3, 4])
    expect(await found('{_descendant: "top.makers"}')).toEqual([2, 3])
    expect(await found('{_descendant_any: ["other", "top.makers.tools"]}')).toEqual([3, 4])
    expect(await found('{_matches: "*.makers.*"}')).toEqual([2, 3])
    expect(await found('{_matches_any: ["*.tools", "other"]}')).toEqual([3, 4])
    expect(await found('{_matches_fulltext: "makers & !tools"}')).toEqual([2])
    expect(await found('{_eq: "other"}')).toEqual([4])
    expect(await company.error('{ team(where: {path: {_ancestor: "a..b"}}) { id } }')).toEqual({
      message: 'Expecting label path: a sequence of zero or more labels separated by dots, for example L1.L2.L3',
      extensions: { path: '$.selectionSet.team.args.where.path._ancestor', code: 'parse-failed' },
    })
    expect((await company.error('{ team(where: {path: {_matches: "*.{"}}) { id } }')).extensions.code).toBe(
      'data-exception',
    )
  })

  it('jsonb asks with JSON paths', async () => {
    const found = async (filter: string) =>
      ids((await company.data(`{ employee(where: {profile: ${filter}}, order_by: {id: asc}) { id } }`)).employee)
    expect(await found('{_jsonb_path_exists: "$.pets[*] ? (@.name == \\"Rex\\")"}')).toEqual([1])
    expect(await found('{_jsonb_path_match: "$.age > 30"}')).toEqual([1])
    expect(
      (await company.error('{ employee(where: {profile: {_jsonb_path_exists: "$["}}) { id } }')).extensions.code,
    ).toBe('data-exception')
  })

  it('arrays are looked for in lists of arrays', async () => {
    const found = async (filter: string, variables = {}) =>
      ids(
        (
          await company.data(
            `query ($l: [[String!]!]) { employee(where: {tags: ${filter}}, order_by: {id: asc}) { id } }`,
            variables,
          )
        ).employee,
      )
    expect(await found('{_in: [["red"], []]}')).toEqual([2, 4])
    expect(await found('{_nin: [["red"], []]}')).toEqual([1])
    expect(await found('{_in: $l}', { l: [['red', 'blue']] })).toEqual([1])
    expect(await found('{_in: []}')).toEqual([])
    expect(ids((await company.data('{ employee { id } }', {}, 'tagged')).employee)).toEqual([2, 4])
  })

  it('all but text can be compared as the text that Postgres makes of them', async () => {
    const found = async (where: string) => ids((await company.data(`{ employee(where: ${where}) { id } }`)).employee)
    expect(await found('{salary: {_cast: {String: {_like: "%00", _neq: "300"}}}}')).toEqual([1, 3, 4])
    expect(await found('{share: {_cast: {String: {_eq: "0.5"}}}}')).toEqual([1])
    expect(await found('{profile: {_cast: {String: {_ilike: "%REX%"}}}}')).toEqual([1])
    expect(await found('{details: {_cast: {String: {_regex: "36"}}}}')).toEqual([1])
    const teams = await company.data(
      '{ team(where: {employees_aggregate: {count: {predicate: {_cast: {String: {_in: ["1"]}}}}}}) { id } }',
    )
    expect(ids(teams.team)).toEqual([1, 3])
    const { cast, text } = await company.data(
      '{ cast: __type(name: "ltree_cast_exp") { inputFields { name type { name } } } text: __type(name: "String_cast_exp") { name } }',
    )
    expect(cast.inputFields).toEqual([{ name: 'String', type: { name: 'String_comparison_exp' } }])
    expect(text).toBe(null)
  })

  it('array columns take variables whose elements may be null', async () => {
    const query = 'query ($tags: [String]) { employee(where: {tags: {_contains: $tags}}) { id } }'
    expect(ids((await company.data(query, { tags: ['red'] })).employee)).toEqual([1, 2])
    const list = 'query ($tags: [String]) { employee(where: {first_name: {_in: $tags}}) { id } }'
    expect((await company.error(list, { tags: ['red'] })).message).toBe(
      "variable 'tags' is declared as '[String]', but used where '[String!]' is expected",
    )
  })

  it('permissions may compare with null and write numbers as text', async () => {
    const seen = async (role: string) =>
      ids((await company.data('{ employee(order_by: {id: asc}) { id } }', {}, role)).employee)
    expect(await seen('unplaced')).toEqual([2, 4])
    expect(await seen('placed')).toEqual([1, 3])
    expect(await seen('untagged')).toEqual([3])
  })

  it('permissions may compare the text of a value', async () => {
    const { employee } = await company.data('{ employee { id } }', {}, 'owners')
    expect(employee).toEqual([{ id: 1 }])
  })

  it('a domain is the type it is made from', async () => {
    const { employee } = await company.data('{ employee(where: {mail: {_ilike: "ADA%"}}) { mail } }')
    expect(employee).toEqual([{ mail: 'ada@x.example' }])
  })

  it('a materialized view is a table without a key', async () => {
    const { salaries, salaries_aggregate: all } = await company.data(
      '{ salaries(order_by: {total: desc}, limit: 1) { team_id total } salaries_aggregate { aggregate { sum { total } } } }',
    )
    expect(salaries).toEqual([{ team_id: 1, total: 900 }])
    expect(all.aggregate.sum.total).toBe(2_100)
    expect(company.engine.schema('admin').getQueryType()?.getFields()).not.toHaveProperty('salaries_by_pk')
  })
})

describe('aggregates in filters', () => {
  it('compare what double precision columns come to', async () => {
    const teams = async (predicate: string) =>
      ids(
        (await company.data(`{ team(where: {employees_aggregate: {${predicate}}}, order_by: {id: asc}) { id } }`)).team,
      )
    expect(await teams('sum: {arguments: share, predicate: {_gt: 0.35}}')).toEqual([1, 2])
    expect(await teams('avg: {arguments: share, predicate: {_lt: 0.3}}')).toEqual([2, 3])
    expect(await teams('max: {arguments: bonus, predicate: {_eq: 3}}')).toEqual([2])
    expect(await teams('min: {arguments: bonus, predicate: {_lte: 1}}')).toEqual([2])
    expect(await teams('stddev_samp: {arguments: bonus, predicate: {_gt: 1}}')).toEqual([2])
    expect(await teams('var_samp: {arguments: bonus, predicate: {_eq: 2}}')).toEqual([2])
    expect(await teams('corr: {arguments: {X: share, Y: bonus}, predicate: {_gt: 0.9}}')).toEqual([2])
    expect(await teams('covar_samp: {arguments: {X: share, Y: bonus}, predicate: {_gt: 0}}')).toEqual([2])
    expect(
      await teams('sum: {arguments: share, filter: {grade: {_eq: junior}}, distinct: true, predicate: {_gt: 0}}'),
    ).toEqual([2, 3])
    expect(
      (
        await company.error(
          '{ team(where: {employees_aggregate: {sum: {arguments: salary, predicate: {_gt: 1}}}}) { id } }',
        )
      ).message,
    ).toBe(
      "expected one of the values ['share', 'bonus'] for type 'employee_select_column_employee_aggregate_bool_exp_sum_arguments_columns', but found 'salary'",
    )
  })
})
