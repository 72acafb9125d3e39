import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { writeInvocation } from '../support/recorded-rows.ts'
import { insertTrace } from '../support/trace-rows.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR

describe('the telemetry page', () => {
  let dashboard: Dashboard
  // Ten hours that ended three hours ago, and the same a week earlier.
  const to = Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR
  const from = to - 10 * HOUR
  const now = [new Date(from), new Date(to)]
  const address = (rest = '') => `${dashboard.server.url}/telemetry?from=${from}&to=${to}${rest}`
  const inWindow = 'created_at >= $1 AND created_at < $2'

  beforeAll(async () => {
    dashboard = await startDashboard([])
    const { pool } = dashboard.server.observability
    for (let n = 0; n < 50; n += 1) {
      await writeInvocation(pool, {
        at: new Date(from + n * 11 * 60_000),
        durationMs: 20 + 10 * n,
        status: n % 10 === 0 ? 'failed' : 'completed',
        sourceFunction: n % 3 === 0 ? 'payments' : 'orders',
        correlationSource: n % 2 === 0 ? 'generated' : 'tracking_token',
      })
    }
    for (let n = 0; n < 40; n += 1) {
      await writeInvocation(pool, {
        at: new Date(from - WEEK + n * 12 * 60_000),
        durationMs: 100,
        status: n < 10 ? 'failed' : 'completed',
      })
    }
    await dashboard.sql(
      `UPDATE SCHEMA.invocations SET source_table = CASE source_function WHEN 'orders' THEN 'public.orders' ELSE 'billing.payments' END`,
    )
    await dashboard.sql(`UPDATE SCHEMA.job_executions SET error_message = 'card was refused' WHERE status = 'failed'`)
    for (let n = 0; n < 3; n += 1) {
      await insertTrace(pool, [{ name: 'GET /', service: 'web', at: 0, ms: 5 }], {
        startedAt: new Date(from + n * HOUR),
      })
    }
    await dashboard.sql('SELECT SCHEMA.roll_up(true)')
  })
  afterAll(() => dashboard.stop())

  const stat = (name: string) => dashboard.page.getByTestId(`stat-${name}`)
  const value = async (name: string) => await stat(name).locator('.stat-value').innerText()
  const cells = (testId: string) =>
    dashboard.page
      .getByTestId(testId)
      .locator('tbody tr')
      .evaluateAll(trs => trs.map(tr => [...tr.children].map(cell => cell.textContent?.trim() ?? '')))

  it('counts as SQL does, against the same time last week, and leads to the rows', async () => {
    const { page, sql } = dashboard
    await page.goto(address())
    const [truth] = await sql(
      `SELECT count(*)::int AS total, count(*) FILTER (WHERE status = 'completed')::int AS completed,
         count(*) FILTER (WHERE status = 'failed')::int AS failed, round(avg(total_duration_ms), 1)::float8 AS avg
       FROM SCHEMA.invocations WHERE ${inWindow}`,
      now,
    )
    await eventually(async () => expect(await value('total')).toBe(String(truth?.total)))
    expect(await value('completed')).toBe(String(truth?.completed))
    expect(await value('failed')).toBe(String(truth?.failed))
    expect(await value('running')).toBe('0')
    expect(await value('runs')).toBe(String(truth?.total))
    // 50 after 40, 5 failures after 10.
    expect(await stat('total').locator('.stat-delta').innerText()).toBe('+25 %')
    expect(await stat('failed').locator('.stat-delta').innerText()).toBe('−50 %')
    const [invocations] = await cells('performance')
    expect(invocations?.slice(0, 5)).toEqual([
      'Invocations',
      '50',
      '90 %',
      '+15 points',
      `${Number(truth?.avg).toFixed(0)} ms`,
    ])
    const panel = page.getByRole('region', { name: 'Volume over time' })
    await panel.getByRole('button', { name: 'Table' }).click()
    const rows = await panel
      .locator('tbody tr')
      .evaluateAll(trs => trs.map(tr => [...tr.querySelectorAll('td')].map(cell => Number(cell.textContent))))
    expect(rows.reduce((sum, row) => sum + (row[0] ?? 0), 0)).toBe(truth?.total)
    await stat('completed').click()
    await eventually(async () =>
      expect(await page.getByTestId('list-count').innerText()).toMatch(new RegExp(`\\b${truth?.completed} invocation`)),
    )
    await page.goBack()
    await stat('completed').waitFor()
  })

  it('names the sources, in a link too', async () => {
    const { page, sql, freshPage } = dashboard
    const sources = (of = page) =>
      of
        .getByTestId('sources')
        .locator('li')
        .evaluateAll(items =>
          items.map(item => [item.children[1]?.textContent ?? '', Number(item.children[2]?.textContent)]),
        )
    await page.goto(address())
    const grouped = async (statement: string) => (await sql(statement, now)).map(row => [row.name, row.n])
    const functions = await grouped(
      `SELECT source_function AS name, count(*)::int AS n FROM SCHEMA.invocations WHERE ${inWindow} GROUP BY 1 ORDER BY 2 DESC`,
    )
    await eventually(async () => expect(await sources()).toEqual(functions))
    await page.getByRole('button', { name: 'Tables' }).click()
    await eventually(async () =>
      expect(await sources()).toEqual([
        ['orders', functions[0]?.[1]],
        ['billing.payments', functions[1]?.[1]],
      ]),
    )
    await page.getByRole('button', { name: 'Services' }).click()
    const services = await grouped(
      `SELECT coalesce(service_name, 'no service named') AS name, count(*)::int AS n FROM SCHEMA.events
       WHERE timestamp >= $1 AND timestamp < $2 GROUP BY 1 ORDER BY 2 DESC`,
    )
    expect(services.length).toBeGreaterThan(1)
    await eventually(async () => expect(await sources()).toEqual(services))
    const total = services.reduce((sum, row) => sum + Number(row[1]), 0)
    await eventually(async () => expect(await page.getByTestId('events-total').innerText()).toBe(`${total} events`))
    const fresh = await freshPage(page.url())
    await eventually(async () => expect(await sources(fresh)).toEqual(services))
    await fresh.context().close()
    await page.goBack()
    await eventually(async () => expect((await sources())[0]?.[0]).toBe('orders'))
  })

  it('lists what failed last and what maintenance counted hour by hour', async () => {
    const { page, sql } = dashboard
    await page.goto(address())
    const errors = page.getByTestId('recent-errors').locator('li')
    await errors.first().waitFor()
    const [last] = await sql(
      `SELECT id, error_message FROM SCHEMA.job_executions WHERE status = 'failed' AND ${inWindow} ORDER BY created_at DESC LIMIT 1`,
      now,
    )
    // An invocation whose job failed is not told twice.
    await eventually(async () => expect(await errors.count()).toBe(5))
    await errors
      .filter({ hasText: String(last?.error_message) })
      .first()
      .getByRole('link')
      .click()
    await page.waitForURL(`**/chains/**sel=job:${last?.id}**`)
    await page.goBack()
    const hours = await sql(
      `SELECT total_invocations AS n, failed_invocations AS failed, round(100.0 * inherited_invocations / total_invocations)::int AS inherited
       FROM SCHEMA.metrics_snapshots WHERE hour_bucket >= $1 AND hour_bucket < $2 ORDER BY hour_bucket DESC`,
      now,
    )
    expect(hours.length).toBeGreaterThan(8)
    await page.getByTestId('snapshots').waitFor()
    const shown = await cells('snapshots')
    expect(shown.map(row => [Number(row[1]), Number(row[2]), Math.round(Number(row[4]?.replace(' %', '')))])).toEqual(
      hours.map(row => [row.n, row.failed, row.inherited]),
    )
    await page.getByTestId('snapshots').getByRole('link').first().click()
    await eventually(async () =>
      expect(await page.getByTestId('list-count').innerText()).toMatch(new RegExp(`\\b${hours[0]?.n} invocation`)),
    )
    await page.goBack()
    await page.getByTestId('snapshots').waitFor()
    await page.locator('.recharts-line').first().waitFor()
    await expectAccessible(page)
  })

  it('counts events of any window and step exactly, from hourly counts and events alike', async () => {
    const { sql } = dashboard
    for (const step of ['10 minutes', '1 hour', '3 hours']) {
      const values = [new Date(from + 25 * 60_000), new Date(to - 95 * 60_000), step]
      const counted = await sql(
        `SELECT bucket, event_type, service_name, events::int FROM SCHEMA.event_volume($1, $2, $3::interval, true) ORDER BY 1, 2, 3`,
        values,
      )
      expect(counted.length).toBeGreaterThan(3)
      expect(counted).toEqual(
        await sql(
          `SELECT date_bin($3::interval, timestamp, '2000-01-01 00:00:00+00') AS bucket, event_type, service_name, count(*)::int AS events
           FROM SCHEMA.events WHERE timestamp >= $1 AND timestamp < $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
          values,
        ),
      )
      const levels = await sql(
        `SELECT bucket, value, lines::int FROM SCHEMA.log_levels($1, $2, $3::interval) ORDER BY 1, 2`,
        values,
      )
      // The same with a filter that every line meets is counted from the lines.
      expect(levels).toEqual(
        await sql(
          `SELECT bucket, value, lines::int FROM SCHEMA.log_levels($1, $2, $3::interval, '{"like": {"text": ["%"]}}') ORDER BY 1, 2`,
          values,
        ),
      )
    }
  })

  it('says why there is nothing, and lives on when it cannot read', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(`${server.url}/telemetry?from=1600000000000&to=1600003600000`)
    await page.getByText('Nothing ran in this time').waitFor()
    await page.getByText('No hour of this time has been counted').waitFor()
    await page.getByText('No errors in this time').waitFor()
    expect(await value('total')).toBe('0')
    expect(await stat('total').locator('.stat-delta').innerText()).toBe('nothing before')
    let broken = true
    await page.route('**/v1/graphql', async route => {
      const isSnapshots = (route.request().postData() ?? '').includes('TelemetrySnapshots')
      if (broken && isSnapshots) await route.fulfill({ json: { errors: [{ message: 'the hours are being counted' }] } })
      else await route.continue()
    })
    await page.goto(address())
    const panel = page.getByRole('region', { name: 'Hourly snapshots' })
    await panel.getByText('the hours are being counted').waitFor()
    await stat('total').waitFor()
    broken = false
    await panel.getByRole('button', { name: 'Retry' }).click()
    await page.getByTestId('snapshots').waitFor()
    await page.unroute('**/v1/graphql')
    expect(pageErrors).toEqual([])
  })
})
