import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { settled } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { isSettled, type RowChange, readRowChanges } from '../support/shop-truth.ts'

interface Drawn {
  nodes: string[]
  edges: string[]
}

describe('an order placed in the shop, seen in a browser', () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  const pageErrors: string[] = []

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startTestServer(), launchBrowser()])
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.on('pageerror', error => pageErrors.push(error.message))
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  async function placeOrder(body: object): Promise<string> {
    const response = await fetch(`${server.url}/shop/orders`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(201)
    return ((await response.json()) as { orderId: string }).orderId
  }

  async function rootOf(orderId: string): Promise<string> {
    return eventually(async () => {
      const { rows } = await server.observability.pool.query(
        `SELECT id FROM ${SCHEMA}.invocations WHERE source_record_id = $1 AND source_job_id IS NULL AND source_operation = 'INSERT'`,
        [orderId],
      )
      expect(rows).toHaveLength(1)
      return rows[0].id
    })
  }

  /** What the shop did, as the graph should show it: the shop's row changes joined with what was recorded for them. */
  async function expectedGraph(root: string, changes: RowChange[]): Promise<Drawn> {
    const { pool } = server.observability
    const { rows: invocations } = await pool.query(`SELECT id, source_event_id FROM ${SCHEMA}.invocations`)
    const invocationOf = new Map(invocations.map(row => [row.source_event_id, row.id]))
    const { rows: events } = await pool.query(`SELECT id, invocation_id, detected FROM ${SCHEMA}.event_executions`)
    const { rows: jobs } = await pool.query(
      `SELECT id, event_execution_id, invocation_id FROM ${SCHEMA}.job_executions`,
    )
    const nodes = new Set<string>()
    const edges = new Set<string>()
    const draw = (parent: string | null, node: string): void => {
      nodes.add(node)
      if (parent) edges.add(`${parent}->${node}`)
    }
    const visit = (id: string, cause: string | null): void => {
      draw(cause, `invocation:${id}`)
      for (const event of events.filter(row => row.invocation_id === id)) {
        if (!event.detected) draw(`invocation:${id}`, `undetected:${id}`)
        else draw(`invocation:${id}`, `event:${event.id}`)
      }
      for (const job of jobs.filter(row => row.invocation_id === id)) {
        draw(`event:${job.event_execution_id}`, `job:${job.id}`)
        // The effects of a job are those row changes whose rows name it.
        for (const change of changes.filter(item => item.jobId === job.id)) {
          visit(invocationOf.get(change.eventId), `job:${job.id}`)
        }
      }
    }
    visit(root, null)
    return { nodes: [...nodes].sort(), edges: [...edges].sort() }
  }

  async function drawnGraph(): Promise<Drawn> {
    const ids = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll(elements => elements.map(element => element.getAttribute('data-id') ?? '').sort())
    return { nodes: await ids('.react-flow__node'), edges: await ids('.react-flow__edge') }
  }

  async function levelsOf(root: string): Promise<{ invocations: number; levels: number }> {
    const { rows } = await server.observability.pool.query(
      `WITH RECURSIVE level (id, n) AS (
         SELECT $1::uuid, 1 UNION ALL
         SELECT i.id, n + 1 FROM level JOIN ${SCHEMA}.job_executions j ON j.invocation_id = level.id
         JOIN ${SCHEMA}.invocations i ON i.source_job_id = j.id)
       SELECT count(*)::int AS invocations, max(n) AS levels FROM level`,
      [root],
    )
    return rows[0]
  }

  it('grows into the whole chain on the screen, within 3 s of its last job', async () => {
    const orderId = await placeOrder({})
    const root = await rootOf(orderId)
    // Opened while the chain still grows.
    await page.goto(`${server.url}/chains/${root}`)
    await eventually(async () => expect(await isSettled(server.shop.pool)).toBe(true), 30_000)
    const settledAt = Date.now()
    await eventually(async () => {
      const { rows } = await server.observability.pool.query(
        `SELECT count(*)::int AS n FROM ${SCHEMA}.invocations WHERE status = 'running'`,
      )
      expect(rows).toEqual([{ n: 0 }])
    })
    const changes = await readRowChanges(server.shop.pool)
    // Every row change of the shop is an invocation of this one chain, and nothing else is. The last are being written.
    const { invocations, levels } = await eventually(async () => {
      const found = await levelsOf(root)
      expect(found.invocations).toBe(changes.length)
      return found
    })
    expect(levels).toBeGreaterThanOrEqual(4)
    expect(invocations).toBeGreaterThanOrEqual(8)

    const expected = await expectedGraph(root, changes)
    const drawn = await eventually(
      async () => {
        const seen = await drawnGraph()
        expect(seen.nodes).toEqual(expected.nodes)
        expect(seen.edges).toEqual(expected.edges)
        return seen
      },
      Math.max(500, settledAt + 3_000 - Date.now()),
    )
    expect(drawn.nodes.length).toBeGreaterThan(40)
    expect(pageErrors).toEqual([])
  })

  it('says why a module was not detected, where its detector said so', async () => {
    const root = await rootOf(await placeOrder({}))
    await page.goto(`${server.url}/chains/${root}`)
    const reasons = page.getByTestId('undetected')
    // The drawing may move under the pointer while the chain still grows.
    await eventually(async () => {
      await page.locator(`.react-flow__node[data-id="undetected:${root}"]`).click()
      await reasons.waitFor({ timeout: 2_000 })
    })
    await eventually(async () => {
      expect(await reasons.locator('li', { hasText: 'inventory.low' }).innerText()).toContain(
        'not an update of inventory',
      )
      expect(await reasons.locator('li', { hasText: 'orders.paid' }).innerText()).toContain('No reason recorded')
    })
  })

  it('shows what failed, why, and what the job printed', async () => {
    const root = await rootOf(await placeOrder({ scenario: 'payment_declined' }))
    await page.goto(`${server.url}/chains/${root}`)
    const failed = page.locator('.react-flow__node [data-kind="job"][data-status="failed"]')
    await failed.waitFor({ timeout: 20_000 })
    expect(await failed.count()).toBe(1)
    await failed.click()
    const panel = page.getByRole('complementary')
    await panel.getByText('capturePayment').first().waitFor()
    expect(page.url()).toContain('sel=job')
    const { rows } = await server.observability.pool.query(
      `SELECT id, error_message FROM ${SCHEMA}.job_executions WHERE status = 'failed'`,
    )
    expect(rows).toHaveLength(1)
    await panel.getByText(rows[0].error_message).first().waitFor()
    const lines = await eventually(async () => {
      const { rows: found } = await server.observability.pool.query(
        `SELECT log_message FROM ${SCHEMA}.events JOIN ${SCHEMA}.job_executions USING (trace_id, span_id)
         WHERE job_executions.id = $1 AND event_source = 'console' ORDER BY events.id`,
        [rows[0].id],
      )
      expect(found.length).toBeGreaterThan(0)
      return found
    })
    for (const { log_message } of lines) await panel.getByText(log_message).first().waitFor()
  })

  it('opens at the whole chain when an invocation in the middle is asked for', async () => {
    const { rows } = await server.observability.pool.query(
      `SELECT id FROM ${SCHEMA}.invocations WHERE source_job_id IS NOT NULL ORDER BY id LIMIT 1`,
    )
    await page.goto(`${server.url}/chains/${rows[0].id}`)
    await page.locator('.react-flow__node').first().waitFor()
    const drawn = await eventually(async () => {
      const seen = await drawnGraph()
      expect(seen.nodes).toContain(`invocation:${rows[0].id}`)
      return seen
    })
    expect(drawn.nodes.filter(id => id.startsWith('invocation:')).length).toBeGreaterThan(8)
  })

  it('lists every invocation, the newest first, and leads from the list to the chain and back', async () => {
    // What was ordered before has to end: the list is of everything.
    await settled(server)
    await page.goto(`${server.url}/invocations`)
    const { rows } = await server.observability.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.invocations`)
    await page
      .getByText(new RegExp(`\\b${rows[0].n}\\b.*invocations`))
      .first()
      .waitFor()
    await page.goto(`${server.url}/invocations?status=failed`)
    const { rows: failed } = await server.observability.pool.query(
      `SELECT id FROM ${SCHEMA}.invocations WHERE status = 'failed' ORDER BY created_at DESC`,
    )
    expect(failed).toHaveLength(1)
    const link = page.locator(`a[href*="/chains/${failed[0].id}"]`).first()
    await link.click()
    await page.waitForURL('**/chains/**')
    await page.locator('.react-flow__node').first().waitFor()
    await page.goBack()
    await page.waitForURL('**/invocations?status=failed**')
  })

  it('says what to do when there is no such invocation', async () => {
    await page.goto(`${server.url}/chains/0f8fad5b-d9cb-469f-a165-70867728950e`)
    await page
      .getByText(/no invocation/i)
      .first()
      .waitFor()
    expect(pageErrors).toEqual([])
  })

  it('lets a newcomer order in the storefront and follow the link to the chain', async () => {
    await page.goto(`${server.url}/shop`)
    await page.getByRole('button', { name: 'Place order' }).click()
    const link = page.getByRole('link', { name: /see what happened/i }).first()
    await link.waitFor()
    await eventually(async () => expect(await link.getAttribute('href')).toContain('/chains/'))
    await link.click()
    await page.locator('.react-flow__node').first().waitFor()
    expect(pageErrors).toEqual([])
  })
})
