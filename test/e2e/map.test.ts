import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the map', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([{}, { scenario: 'payment_declined' }])
  })
  afterAll(() => dashboard.stop())

  const one = async (statement: string): Promise<Record<string, unknown>> => (await dashboard.sql(statement))[0] ?? {}
  const node = (id: string, page = dashboard.page) => page.locator(`.map-node[data-node-id="${id}"]`)

  it('draws every table, function, module and job that did something, with the numbers of the rows', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/map`)
    await node('job:capturePayment').waitFor()
    const names = await sql(`SELECT 'table:' || source_table AS id FROM SCHEMA.invocations
      UNION SELECT 'function:' || source_function FROM SCHEMA.invocations
      UNION SELECT 'module:' || event_name FROM SCHEMA.event_executions WHERE detected
      UNION SELECT 'job:' || job_name FROM SCHEMA.job_executions
      UNION SELECT 'written:' || source_table FROM SCHEMA.invocations WHERE source_job_id IS NOT NULL`)
    const drawn = (await page.evaluate(
      `[...document.querySelectorAll('.map-node')].map(node => node.dataset.nodeId)`,
    )) as string[]
    expect(drawn.sort()).toEqual(names.map(row => String(row.id)).sort())
    const runs = await one(`SELECT count(*)::int AS n, count(*) FILTER (WHERE status = 'failed')::int AS failed
      FROM SCHEMA.job_executions WHERE job_name = 'capturePayment'`)
    expect(await node('job:capturePayment').innerText()).toMatch(
      new RegExp(`${runs.n} runs[\\s\\S]*${runs.failed} failed`),
    )
    const silent = await one(`SELECT count(*)::int AS n FROM (SELECT event_name FROM SCHEMA.event_executions
      GROUP BY 1 HAVING NOT bool_or(detected)) s`)
    expect(await page.getByTestId('map-count').innerText()).toContain(`${names.length} nodes`)
    expect(await page.getByTestId('map-count').innerText()).toContain(`${silent.n} modules were asked and never fired`)
  })

  it('lights the way of what is chosen, says its numbers, and leads to its rows; the address says it all', async () => {
    const { page, sql } = dashboard
    await node('job:capturePayment').click()
    await page.waitForURL('**sel=job:capturePayment**')
    const panel = page.getByTestId('map-panel')
    await panel.getByText('Comes from').waitFor()
    expect(await node('module:payments.created').getAttribute('data-state')).toBe('on')
    expect(await node('module:orders.shipped').getAttribute('data-state')).toBe('dim')
    const fresh = await dashboard.freshPage(page.url())
    await fresh.getByTestId('map-panel').getByText('capturePayment').waitFor()
    await fresh.context().close()
    await panel.getByRole('button', { name: 'Only what is connected' }).click()
    await eventually(async () => expect(await node('module:orders.shipped').count()).toBe(0))
    await page.goBack()
    await node('module:orders.shipped').waitFor()
    await panel.getByRole('link', { name: 'Show the invocations' }).click()
    const [rows] = await sql(
      `SELECT count(DISTINCT invocation_id)::int AS n FROM SCHEMA.job_executions WHERE job_name = 'capturePayment'`,
    )
    await eventually(async () =>
      expect(await page.getByTestId('list-count').innerText()).toContain(`${rows?.n} invocation`),
    )
    await page.goBack()
    await panel.getByText('capturePayment').first().waitFor()
  })

  it('is used with the keyboard alone', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/map`)
    await node('job:capturePayment').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('capturepay')
    await page.getByText('1 match', { exact: true }).waitFor()
    await page.waitForURL('**q=capturepay**')
    await page.keyboard.press('Enter')
    await page.waitForURL('**sel=job:capturePayment**')
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL('**sel=module:payments.created**')
    await page.keyboard.press('ArrowRight')
    await page.waitForURL('**sel=job:capturePayment**')
    await page.keyboard.press('Escape')
    await eventually(async () => expect(page.url()).not.toContain('sel='))
    await page.keyboard.press('ArrowRight')
    await page.waitForURL('**sel=**')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/invocations**')
  })

  it('says the same in a table: each edge with its numbers', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/map?view=table`)
    const edges = await sql(`SELECT e.event_name AS source, j.job_name AS target, count(*)::int AS n,
        count(*) FILTER (WHERE j.status = 'failed')::int AS failed
      FROM SCHEMA.event_executions e JOIN SCHEMA.job_executions j ON j.event_execution_id = e.id GROUP BY 1, 2`)
    expect(edges.length).toBeGreaterThan(3)
    for (const { source, target, n, failed } of edges) {
      const row = page.locator(`[data-edge="module:${source}->job:${target}"] > *`)
      await eventually(async () => expect(await row.nth(2).innerText()).toBe(String(n)))
      expect(await row.nth(4).innerText()).toBe(String(failed))
    }
  })

  it('says why there is nothing, and recovers from an error', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/map?from=1600000000000&to=1600003600000`)
    await page.getByText('Nothing ran in this time').waitFor()
    await page.goto(`${server.url}/map?sel=job:gone`)
    await page.getByText('did nothing in this time').waitFor()
    await page.route('**/v1/graphql', route => route.fulfill({ json: { errors: [{ message: 'out of order' }] } }))
    await page.goto(`${server.url}/map`)
    await page.getByRole('alert').getByText('out of order').waitFor()
    await page.unroute('**/v1/graphql')
    await page.getByRole('alert').getByRole('button', { name: 'Retry' }).click()
    await node('job:capturePayment').waitFor()
  })

  it('has no serious finding of axe, wide and narrow', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(`${server.url}/map?sel=job:capturePayment`)
    await page.getByTestId('map-panel').waitFor()
    await expectAccessible(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${server.url}/map`)
    await page.locator('[data-edge]').first().waitFor()
    await expectAccessible(page)
    await page.setViewportSize({ width: 1440, height: 900 })
    expect(pageErrors).toEqual([])
  })
})
