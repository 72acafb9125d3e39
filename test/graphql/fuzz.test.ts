import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateDocument } from './support/documents.ts'
import { createLibrary, type Library } from './support/library.ts'

let library: Library
const surprises: unknown[] = []
// Postgres cannot compare json (jsonb it can); Hasura's schema offers it all the same.
const note = (error: unknown): void => {
  if (!/\bjson\b/.test(String(error))) surprises.push(error)
}
beforeAll(async () => {
  library = await createLibrary({ onUnexpected: note })
})
afterAll(() => library.database.drop())

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const DOCUMENTS = Number(process.env.FUZZ_DOCUMENTS ?? 600)

describe('documents made from the schema', () => {
  it.each(['admin', 'user', 'limited', 'manager', 'root'])(`as ${'%s'} have an answer (seed ${SEED})`, async role => {
    const session = { role, variables: { 'x-hasura-user-id': '1', 'x-hasura-allowed-ids': '{1,2}' } }
    const root = library.engine.schema(role).getQueryType() as GraphQLObjectType
    let answered = 0
    for (let i = 0; i < DOCUMENTS; i++) {
      const query = generateDocument(root, SEED * 1_000 + i).query
      const body = await library.engine.execute({ query }, session)
      const { errors, data } = JSON.parse(body)
      if (data !== undefined) answered++
      if (surprises.length > 0) throw new Error(`document ${i} of seed ${SEED}: ${query}\n${body}\n${surprises[0]}`)
      expect([
        undefined,
        'unexpected',
        'validation-failed',
        'data-exception',
        'bad-request',
        'not-supported',
      ]).toContain(errors?.[0].extensions.code)
    }
    // Most are good documents; others meet an odd pattern or an order that does not fit distinct_on.
    expect(answered).toBeGreaterThan(DOCUMENTS * 0.6)
  })
})
