import { parse, print } from 'graphql'
import { describe, expect, it } from 'vitest'
import { toSocketUrl } from '../../dashboard/src/api/socket-url.ts'
import { toSubscription } from '../../dashboard/src/api/to-subscription.ts'

describe('a query as a subscription', () => {
  it('keeps its variables and fragments', () => {
    const query = parse(
      'query Job($id: uuid!) { job_executions_by_pk(id: $id) { ...R } } fragment R on job_executions { id }',
    )
    expect(print(toSubscription(query) ?? query)).toBe(print(query).replace('query Job', 'subscription Job'))
  })

  it('is refused with several root fields, of which Hasura allows one', () => {
    expect(toSubscription(parse('{ a { id } b { id } }'))).toBeNull()
    expect(toSubscription(parse('query Q { ...F } fragment F on query_root { a { id } }'))).toBeNull()
  })

  it('goes to the endpoint of the queries', () => {
    expect(toSocketUrl('/v1/graphql', 'http://localhost:3000/jobs?x=1')).toBe('ws://localhost:3000/v1/graphql')
    expect(toSocketUrl('https://hasura.example.com/v1/graphql', 'http://localhost/')).toBe(
      'wss://hasura.example.com/v1/graphql',
    )
  })
})
