import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromSpanPages, type SpanPage } from '../../../dashboard/src/model/waterfall/from-columns.ts'
import { buildSpanTree } from '../../../dashboard/src/model/waterfall/span-tree.ts'
import { kindOf, nameOf, toneOf } from '../../../dashboard/src/model/waterfall/spans.ts'
import { countSpans } from '../../../dashboard/src/model/waterfall/summarize-spans.ts'
import { createGraphqlEngine, type GraphqlEngine } from '../../../src/graphql/engine.ts'
import { readMetadata } from '../../../src/hasura/metadata.ts'
import { type BigChain, insertBigChain } from '../../support/big-chain.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../../support/postgres.ts'
import { insertTrace, PURCHASE } from '../../support/trace-rows.ts'

const COLUMNS =
  'length origin_us kinds tones ids parents span_ids starts_us durations_us names services details errors trace_ids'

/** What the database packs into columns, asked as a viewer and unpacked as the dashboard does. */
describe('spans as columns', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let chain: BigChain

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    chain = await insertBigChain(database.pool, 1_200)
  })
  afterAll(() => database.drop())

  async function ask(args: string): Promise<SpanPage[]> {
    const answer = await engine.execute(
      { query: `{ waterfall_columns(args: {${args}}) { ${COLUMNS} } }` },
      { role: 'observability_viewer', variables: {} },
    )
    const { data, errors } = JSON.parse(answer)
    if (errors) throw new Error(JSON.stringify(errors))
    return data.waterfall_columns
  }

  it('holds every execution of a chain once, with its time, status and cause', async () => {
    const [page] = await ask(`root_id: "${chain.rootId}"`)
    const { table, changes, invocations } = fromSpanPages([page as SpanPage], chain.rootId)
    const { rows } = await database.pool.query(
      `SELECT 'invocation:' || id AS id, 'job:' || source_job_id AS parent, status, created_at, ended_at FROM ${SCHEMA}.invocations
       UNION ALL SELECT 'event:' || id, 'invocation:' || invocation_id, status, created_at, ended_at FROM ${SCHEMA}.event_executions
       UNION ALL SELECT 'job:' || id, 'event:' || event_execution_id, status, created_at, ended_at FROM ${SCHEMA}.job_executions`,
    )
    expect(table.length).toBe(rows.length)
    expect(rows.length).toBe(chain.spans)
    const tones: Record<string, string> = { completed: 'ok', failed: 'failed', not_detected: 'quiet' }
    const expected = new Map(rows.map(row => [row.id, row]))
    for (let row = 0; row < table.length; row++) {
      const stored = expected.get(table.ids[row] as string)
      expect(table.parentIds[row]).toBe(stored.parent)
      expect(toneOf(table, row)).toBe(tones[stored.status])
      expect(Math.floor((table.starts[row] as number) / 1000)).toBe(stored.created_at.getTime())
      expect(Math.floor((table.ends[row] as number) / 1000)).toBe(stored.ended_at.getTime())
    }
    const tree = buildSpanTree(table)
    expect(tree.repairs).toEqual({ missing: [], cycles: [], duplicates: 0 })
    expect(nameOf(table, tree.order[0] as number)).toBe('INSERT orders 0')
    // Each invocation but the first is a row that a job changed.
    expect(changes.length).toBe(invocations - 1)
    expect(countSpans(table)).toMatchObject({
      invocations: chain.spans / 12,
      eventsDetected: chain.spans / 12,
      eventsAsked: (chain.spans / 12) * 9,
      jobs: { failed: chain.failed, running: 0 },
    })
  })

  it('comes in pages that fit together', async () => {
    const whole = fromSpanPages(await ask(`root_id: "${chain.rootId}"`), chain.rootId)
    const pages: SpanPage[] = []
    for (let skip = 0; ; skip += 500) {
      const [page] = await ask(`root_id: "${chain.rootId}", skip: ${skip}, size: 500`)
      if (!page) break
      pages.push(page)
    }
    expect(pages.map(({ length }) => length)).toEqual([500, 500, 200])
    const { bySpanId: _, ...together } = fromSpanPages(pages, chain.rootId)
    expect(whole).toMatchObject(together)
  })

  it('joins what OpenTelemetry sent with the executions of the same trace', async () => {
    const { rows } = await database.pool.query(
      `SELECT id, trace_id, created_at FROM ${SCHEMA}.invocations WHERE source_job_id IS NULL`,
    )
    const [root] = rows
    const { traceId, spanIds } = await insertTrace(database.pool, PURCHASE, { startedAt: root.created_at })
    await database.pool.query(`UPDATE ${SCHEMA}.invocations SET trace_id = $1, parent_span_id = $2 WHERE id = $3`, [
      traceId,
      spanIds[2],
      root.id,
    ])
    const { table, traceIds } = fromSpanPages(await ask(`trace_id: "${traceId}"`), null)
    const tree = buildSpanTree(table)
    const name = (row: number | undefined) => (row === undefined || row < 0 ? null : nameOf(table, row))
    const invocation = tree.rowOf.get(`invocation:${root.id}`) as number
    expect(name(tree.parents[invocation])).toBe('INSERT orders')
    expect(table.caused[invocation]).toBe(1)
    expect(tree.repairs.missing).toHaveLength(1)
    expect(traceIds).toContain(traceId)
    const charge = tree.rowOf.get(`span:${traceId}-${spanIds[3]}`) as number
    expect([kindOf(table, charge), toneOf(table, charge), name(tree.parents[charge])]).toEqual([
      'span',
      'failed',
      'POST /orders',
    ])
  })

  it('is empty for a chain that is not there', async () => {
    expect(await ask('root_id: "0f8fad5b-d9cb-469f-a165-70867728950e"')).toEqual([])
    expect(await ask('trace_id: "nothing"')).toEqual([])
  })
})
