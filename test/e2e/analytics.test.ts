import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

const HOUR = 3_600_000

describe('the analytics', () => {
  let dashboard: Dashboard
  // A window of six hours that ends two hours ago, the six before it, and the same six a week ago.
  const to = Math.floor((Date.now() - 2 * HOUR) / 60_000) * 60_000
  const from = to - 6 * HOUR
  const address = (rest = '') => `${dashboard.server.url}/analytics?from=${from}&to=${to}${rest}`

  beforeAll(async () => {
    dashboard = await startDashboard([])
    const { pool } = dashboard.server.observability
    const write = (at: number, durationMs: number, status = 'completed', sourceFunction = 'orders') =>
      writeInvocation(pool, { at: new Date(at), durationMs, status, sourceFunction })
    for (let n = 0; n < 60; n += 1) {
      await write(
        from + n * 6 * 60_000,
        5 + n * n,
        n % 6 === 0 ? 'failed' : 'completed',
        n % 4 === 0 ? 'payments' : 'orders',
      )
    }
    for (let n = 0; n < 20; n += 1)
      await write(from - 6 * HOUR + n * 17 * 60_000, 40 + n, n < 4 ? 'failed' : 'completed')
    for (let n = 0; n < 10; n += 1) await write(from - 7 * 24 * HOUR + n * 30 * 60_000, 900)
    // Two kinds of errors now, one of which is new, and one that is gone.
    await dashboard.sql(
      `UPDATE SCHEMA.job_executions SET error_message = CASE
         WHEN created_at < $1 THEN (CASE WHEN id::text < (SELECT max(id::text) FROM SCHEMA.job_executions WHERE status = 'failed' AND created_at < $1)
           THEN 'order 17 was refused' ELSE 'disk 3 is full' END)
         WHEN duration_ms < 1000 THEN 'order 4711 was refused' ELSE 'no answer after 30 s' END
       WHERE status = 'failed'`,
      [new Date(from)],
    )
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
  const heatSum = async () =>
    (
      await dashboard.page
        .getByTestId('heatmap')
        .locator('rect')
        .evaluateAll(rects => rects.map(rect => Number(rect.getAttribute('data-value'))))
    ).reduce((sum, n) => sum + n, 0)
  const inWindow = 'created_at >= $1 AND created_at < $2'
  const now = [new Date(from), new Date(to)]

  it('compares the window with the one before or with last week, as SQL counts', async () => {
    const { page, sql } = dashboard
    await page.goto(address())
    const count = async (values: unknown[]) =>
      (
        await sql(
          `SELECT count(*)::int AS total, count(*) FILTER (WHERE status = 'failed')::int AS failed FROM SCHEMA.invocations WHERE ${inWindow}`,
          values,
        )
      )[0] as { total: number; failed: number }
    const counted = await count(now)
    const earlier = await count([new Date(from - 6 * HOUR), new Date(from)])
    const lastWeek = await count([new Date(from - 168 * HOUR), new Date(to - 168 * HOUR)])
    expect([counted.total, earlier.total, lastWeek.total]).toEqual([60, 20, 10])
    await eventually(async () => expect(await value('invocations')).toBe('60'))
    await eventually(async () => expect(await stat('invocations').locator('.stat-delta').innerText()).toBe('+200 %'))
    expect(await value('failed')).toBe(`${Number(((counted.failed / counted.total) * 100).toPrecision(3))} %`)
    await page.getByRole('button', { name: 'Same last week' }).click()
    await eventually(async () => expect(await stat('invocations').locator('.stat-delta').innerText()).toBe('+500 %'))
    expect(page.url()).toContain('against=week')
    // The chart as a table adds up to the window.
    const panel = page.getByRole('region', { name: 'Invocations', exact: true })
    await panel.getByRole('button', { name: 'Table' }).click()
    const rows = await panel
      .locator('tbody tr')
      .evaluateAll(trs => trs.map(tr => [...tr.querySelectorAll('td')].map(cell => Number(cell.textContent))))
    expect(rows.reduce((sum, row) => sum + (row[0] ?? 0), 0)).toBe(60)
    expect(rows.reduce((sum, row) => sum + (row[1] ?? 0), 0)).toBe(10)
    // Hour by hour, the cells add up to it, too.
    await eventually(async () => expect(await heatSum()).toBe(60))
    await page.getByRole('button', { name: 'Failed', exact: true }).click()
    await page.getByTestId('heatmap').locator('rect').first().click()
    await page.waitForURL(
      url => Number(new URL(url).searchParams.get('to')) - Number(new URL(url).searchParams.get('from')) === HOUR,
    )
    await page.goBack()
    await eventually(async () => expect(await value('invocations')).toBe('60'))
    await page.getByTestId('stat-failed').click()
    await eventually(async () =>
      expect(await page.getByTestId('list-count').innerText()).toMatch(new RegExp(`\\b${counted.failed} invocation`)),
    )
  })

  it('says what fails, with its share of all failures, what is new and what is gone', async () => {
    const { page, sql } = dashboard
    await page.goto(address('&tab=failures'))
    await page.getByTestId('failing-functions').waitFor()
    const functions = await sql(
      `SELECT source_function AS name, count(*) FILTER (WHERE status = 'failed')::int AS failed, count(*)::int AS total
       FROM SCHEMA.invocations WHERE ${inWindow} GROUP BY 1 ORDER BY 2 DESC, 1`,
      now,
    )
    const all = functions.reduce((sum, row) => sum + Number(row.failed), 0)
    const shown = await cells('failing-functions')
    expect(shown.map(row => row[0])).toEqual(functions.filter(row => Number(row.failed) > 0).map(row => row.name))
    for (const [at, row] of shown.entries()) {
      const { failed } = functions[at] as { failed: number }
      expect(row[1]).toMatch(new RegExp(`^${failed} `))
      expect(Number(row[2]?.replace(' %', ''))).toBeCloseTo((failed / all) * 100, 0)
    }
    await page.getByTestId('errors').waitFor()
    const errors = await cells('errors')
    expect(
      errors.map(row => [
        row[0]
          ?.replace(/[^a-z ]/gi, '')
          .trim()
          .split(' ')[0],
        row[3],
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['no', 'new'],
        ['disk', 'gone, was 1'],
      ]),
    )
    const [refused] = await sql(
      `SELECT count(*)::int AS n FROM SCHEMA.job_executions WHERE ${inWindow} AND error_message LIKE 'order%'`,
      now,
    )
    expect(errors.find(row => row[0]?.startsWith('order'))?.[2]).toBe(String(refused?.n))
    await page.getByTestId('errors').getByRole('link').first().click()
    await page.waitForURL('**/chains/**')
    await page.goBack()
    await page.getByTestId('errors').waitFor()
    await expectAccessible(page)
  })

  it('says where the time goes, and how the durations spread', async () => {
    const { page, sql, freshPage } = dashboard
    await page.goto(address('&tab=bottlenecks&kind=job'))
    await page.getByTestId('bottlenecks').waitFor()
    const [sums] = await sql(
      `SELECT count(*)::int AS n, sum(duration_ms)::int AS sum, max(duration_ms)::int AS max FROM SCHEMA.job_executions WHERE ${inWindow}`,
      now,
    )
    const [row] = await cells('bottlenecks')
    expect(row?.slice(0, 2)).toEqual(['sendReceipt', String(sums?.n)])
    expect(row?.[2]).toMatch(new RegExp(`^${Math.floor(Number(sums?.sum) / 60_000)} min`))
    expect(row?.[9]).toBe(`${Number((Number(sums?.max) / 1000).toPrecision(3))} s`)
    await page.getByRole('button', { name: 'Functions' }).click()
    await eventually(async () =>
      expect((await cells('bottlenecks')).map(([name]) => name)).toEqual(['orders', 'payments']),
    )
    await page.getByTestId('bottlenecks').getByRole('link', { name: 'payments' }).click()
    await page.waitForURL('**tab=durations**name=payments**')
    const [payments] = await sql(
      `SELECT count(*)::int AS n, max(total_duration_ms)::int AS max FROM SCHEMA.invocations WHERE ${inWindow} AND source_function = 'payments'`,
      now,
    )
    await eventually(async () => expect(await value('measured')).toBe(String(payments?.n)))
    await page.getByRole('button', { name: 'Table' }).first().click()
    await eventually(async () => {
      const spread = await cells('histogram-table')
      expect(spread.reduce((sum, cell) => sum + Number(cell[1]), 0)).toBe(payments?.n)
    })
    await page.getByRole('button', { name: 'Chart' }).first().click()
    await eventually(async () => expect(await heatSum()).toBe(payments?.n))
    await expectAccessible(page)
    const fresh = await freshPage(page.url())
    await fresh.getByTestId('histogram').waitFor()
    expect(await fresh.getByTestId('stat-measured').locator('.stat-value').innerText()).toBe(String(payments?.n))
    expect(await fresh.getByLabel('Durations of which').inputValue()).toBe('payments')
    await fresh.context().close()
    await page.keyboard.press('1')
    await page.getByTestId('stat-invocations').waitFor()
    expect(page.url()).not.toContain('tab=')
  })

  it('counts steps of any length and any kind as the rows say, from totals and rows alike', async () => {
    const { sql } = dashboard
    for (const [kind, table, column, name] of [
      ['function', 'invocations', 'total_duration_ms', 'source_function'],
      ['job', 'job_executions', 'duration_ms', 'job_name'],
      ['detector', 'event_executions', 'detection_duration_ms', 'event_name'],
      ['handler', 'event_executions', 'handler_duration_ms', 'event_name'],
    ]) {
      for (const step of ['10 minutes', '1 hour', '3 hours']) {
        const values = [new Date(from - 7 * 60_000), new Date(to - 100 * 60_000), step]
        const counted = await sql(
          `SELECT bucket, name, measured::int, sum_ms::int, max_ms, (SELECT sum(n)::int FROM unnest(histogram) n) AS in_histogram
           FROM SCHEMA.durations('${kind}', $1, $2, $3::interval, true) ORDER BY bucket, name`,
          values,
        )
        expect(counted.length).toBeGreaterThan(0)
        expect(counted).toEqual(
          await sql(
            `SELECT date_bin($3::interval, created_at, '2000-01-01 00:00:00+00') AS bucket, ${name} AS name, count(${column})::int AS measured,
               sum(${column})::int AS sum_ms, max(${column})::int AS max_ms, count(${column})::int AS in_histogram
             FROM SCHEMA.${table} WHERE ${inWindow} GROUP BY 1, 2 ORDER BY 1, 2`,
            values,
          ),
        )
      }
    }
  })

  it('says why there is nothing, and lives on when it cannot read', async () => {
    const { page, pageErrors } = dashboard
    const empty = `${dashboard.server.url}/analytics?from=1600000000000&to=1600003600000`
    await page.goto(empty)
    await page.getByText('Nothing in either time').first().waitFor()
    await page.goto(`${empty}&tab=failures`)
    await page.getByText('No job failed in either time').waitFor()
    await page.goto(`${empty}&tab=durations`)
    await page.getByText('Nothing ended in this time').first().waitFor()
    let broken = true
    await page.route('**/v1/graphql', async route => {
      const isErrors = (route.request().postData() ?? '').includes('AnalyticsErrors')
      if (broken && isErrors) await route.fulfill({ json: { errors: [{ message: 'too many errors' }] } })
      else await route.continue()
    })
    await page.goto(address('&tab=failures'))
    const panel = page.getByRole('region', { name: 'Errors of jobs' })
    await panel.getByText('too many errors').waitFor()
    await page.getByTestId('failing-jobs').waitFor()
    broken = false
    await panel.getByRole('button', { name: 'Retry' }).click()
    await page.getByTestId('errors').waitFor()
    await page.unroute('**/v1/graphql')
    await page.goto(address())
    await page.getByTestId('heatmap').waitFor()
    await page.locator('.recharts-bar').first().waitFor()
    await expectAccessible(page)
    expect(pageErrors).toEqual([])
  })
})
