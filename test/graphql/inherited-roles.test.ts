import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { asking, type Company, companyMetadata, createCompany } from './support/company.ts'
import { RawClient, startEndpoint } from './support/endpoint.ts'

let company: Company
beforeAll(async () => {
  company = await createCompany()
})
afterAll(() => company.database.drop())

const session = { 'x-hasura-user-id': '1' }
const asLead = (query: string, variables = {}) => company.data(query, variables, 'lead', session)

describe('inherited roles', () => {
  it('see the rows of all their parents, and of each row the cells that a parent sees there', async () => {
    const { employee } = await asLead(
      '{ employee(order_by: {id: asc}) { id first_name salary share team_id full_name } }',
    )
    expect(employee).toEqual([
      { id: 1, first_name: 'Ada', salary: 900, share: null, team_id: null, full_name: 'Ada L.' },
      { id: 2, first_name: 'Bob', salary: null, share: 0.1, team_id: 2, full_name: null },
      { id: 3, first_name: 'Cyd', salary: null, share: 0.3, team_id: 2, full_name: null },
    ])
  })

  it('learn nothing of other cells by filters, orders, groups or aggregates', async () => {
    // Bob earns 300 and Cyd 500: neither a filter nor an order may tell.
    expect((await asLead('{ employee(where: {salary: {_lt: 600}}) { id } }')).employee).toEqual([])
    expect((await asLead('{ employee(where: {full_name: {_eq: "Bob"}}) { id } }')).employee).toEqual([])
    const ordered = await asLead('{ employee(order_by: [{salary: desc_nulls_last}, {id: desc}]) { id } }')
    expect(ordered.employee.map((row: { id: number }) => row.id)).toEqual([1, 3, 2])
    const { employee_aggregate: all } = await asLead(
      '{ employee_aggregate { aggregate { count(columns: salary) sum { salary } max { salary share } } } }',
    )
    expect(all.aggregate).toEqual({ count: 1, sum: { salary: 900 }, max: { salary: 900, share: 0.3 } })
    const distinct = await asLead(
      '{ employee(distinct_on: salary, order_by: [{salary: asc}, {id: asc}]) { id salary } }',
    )
    expect(distinct.employee).toEqual([
      { id: 1, salary: 900 },
      { id: 2, salary: null },
    ])
    expect((await asLead('{ employee_by_pk(id: 4) { id } }')).employee_by_pk).toBeNull()
  })

  it('learn nothing of other cells by the order or cursor of a stream', async () => {
    const endpoint = await startEndpoint(company.engine)
    const client = await new RawClient(endpoint.socketUrl).init({ headers: { 'x-hasura-role': 'lead', ...session } })
    try {
      client.subscribe(
        '1',
        'subscription { employee_stream(cursor: {initial_value: {salary: 0}}, batch_size: 9) { id salary } }',
      )
      expect((await client.next()).payload).toEqual({ data: { employee_stream: [{ id: 1, salary: 900 }] } })
    } finally {
      client.close()
      await endpoint.stop()
    }
  })

  it('have columns, aggregates and limits that one parent has, and none that no parent has', async () => {
    const missing = await company.error('{ employee { bonus } }', {}, 'lead', session)
    expect(missing.message).toBe("field 'bonus' not found in type: 'employee'")
    // The limits are 1 and 10.
    expect((await asLead('{ employee { id } }')).employee).toHaveLength(3)
    // Only one parent may see teams at all.
    expect((await asLead('{ team(where: {id: {_eq: 1}}) { name } }')).team).toEqual([{ name: 'Board' }])
    expect((await company.error('{ team { path } }', {}, 'lead', session)).message).toContain("'path' not found")
  })

  it('can inherit from each other, and from roles without permissions', async () => {
    const { employee } = await company.data(
      '{ employee(order_by: {id: asc}) { id salary bonus share } }',
      {},
      'chief',
      { 'x-hasura-user-id': '2' },
    )
    expect(employee).toEqual([
      { id: 1, salary: null, bonus: 5, share: null },
      { id: 2, salary: 300, bonus: null, share: 0.1 },
      { id: 3, salary: null, bonus: null, share: 0.3 },
    ])
    expect((await company.data('{ employee { id } }', {}, 'circle', session)).employee).toEqual([{ id: 1 }])
  })

  it('give way to a permission of their own', async () => {
    const metadata = companyMetadata()
    const employee = metadata.sources[0]?.tables.find(({ table }) => table.name === 'employee')
    employee?.select_permissions?.push({
      role: 'lead',
      permission: { columns: ['id'], filter: { id: { _eq: 4 } }, allow_aggregations: false },
    })
    const engine = await createGraphqlEngine({ pool: company.database.pool, metadata })
    expect((await asking(engine).data('{ employee { id } team { id } }', {}, 'lead', session)).employee).toEqual([
      { id: 4 },
    ])
  })

  it('may call what a parent may call when functions have to be granted', async () => {
    const metadata = companyMetadata()
    metadata.inherited_roles?.push({ role_name: 'heir', role_set: ['hidden', 'board'] })
    const options = { pool: company.database.pool, metadata, inferFunctionPermissions: false }
    const { data, error } = asking(await createGraphqlEngine(options))
    const query = '{ paid(args: {arg_1: "senior"}) { id } }'
    expect((await data(query, {}, 'hidden')).paid).toHaveLength(2)
    expect((await data(query, {}, 'heir')).paid).toHaveLength(2)
    expect((await error(query, {}, 'board')).message).toBe("field 'paid' not found in type: 'query_root'")
    expect((await company.data(query, {}, 'board')).paid).toEqual([{ id: 1 }])
  })
})
