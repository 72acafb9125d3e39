import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the list of invocations and what it leads to', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([{}, { scenario: 'payment_declined' }, {}])
  })
  afterAll(() => dashboard.stop())

  const shows = (text: string, page = dashboard.page) =>
    eventually(async () => expect(await page.getByTestId('list-count').innerText()).toContain(text))
  const countOf = async (where: string): Promise<number> => {
    const [row] = await dashboard.sql(`SELECT count(*)::int AS n FROM SCHEMA.invocations i WHERE ${where}`)
    return Number(row?.n)
  }

  it.each([
    ['status:failed', `status = 'failed'`],
    ['table:orders op:update', `source_table = 'public.orders' AND source_operation = 'UPDATE'`],
    ['>50ms', 'total_duration_ms > 50'],
    ['changed:status', `changed_columns @> '["status"]'`],
    ['is:root', 'source_job_id IS NULL'],
    // What has no value does not have this one.
    ['-error:declined -is:root', `source_job_id IS NOT NULL AND coalesce(error_message, '') NOT ILIKE '%declined%'`],
    ['-capture', `source_table NOT ILIKE '%capture%' AND source_function NOT ILIKE '%capture%'`],
    ['-table:orders jobs:>0', `source_table <> 'public.orders' AND total_jobs_run > 0`],
    [
      'job:capturePayment',
      `EXISTS (SELECT FROM SCHEMA.job_executions j WHERE j.invocation_id = i.id AND j.job_name = 'capturePayment')`,
    ],
    [
      'module:orders.placed',
      `EXISTS (SELECT FROM SCHEMA.event_executions e WHERE e.invocation_id = i.id AND e.detected AND e.event_name = 'orders.placed')`,
    ],
  ])('finds what %s says', async (text, where) => {
    const { page, server } = dashboard
    const n = await countOf(where)
    expect(n).toBeGreaterThan(0)
    await page.goto(`${server.url}/invocations`)
    await page.getByRole('searchbox', { name: 'Search invocations' }).fill(text)
    await page.keyboard.press('Enter')
    await shows(`${n} invocation`)
  })

  it('marks the part of a search that it cannot read, and keeps the others', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/invocations`)
    await page.getByRole('searchbox', { name: 'Search invocations' }).fill('stat:failed status:failed ')
    expect(await page.getByTestId('search-help').locator('mark').innerText()).toBe('stat:failed')
    await page.getByText('did you mean status:').waitFor()
    await page.keyboard.press('Enter')
    await shows(`${await countOf(`status = 'failed'`)} invocation`)
  })

  it('puts no address of a person into the address of the page', async () => {
    const { page, server, sql } = dashboard
    const [user] = await sql(`SELECT source_user_email AS email, count(*)::int AS n FROM SCHEMA.invocations
      WHERE source_user_email IS NOT NULL GROUP BY 1 LIMIT 1`)
    const email = String(user?.email ?? 'nobody@example.com')
    await page.goto(`${server.url}/invocations`)
    await page.getByRole('searchbox', { name: 'Search invocations' }).fill(`user:${email}`)
    await page.keyboard.press('Enter')
    await page.waitForURL('**q=user:~**')
    expect(decodeURIComponent(page.url())).not.toContain('@')
    if (user) await shows(`${user.n} invocation`)
    else await page.getByText('No invocation of this time matches').waitFor()
  })

  it('counts each choice of a filter, and what is chosen stands in the address for others', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/invocations`)
    await page.getByRole('button', { name: 'Table' }).click()
    const orders = await countOf(`source_table = 'public.orders'`)
    const option = page.getByRole('option', { name: /public\.orders/ })
    await eventually(async () => expect(await option.innerText()).toContain(String(orders)))
    await option.click()
    await page.keyboard.press('Escape')
    await shows(`${orders} invocation`)
    await page.waitForURL('**table=public.orders**')
    const fresh = await dashboard.freshPage(page.url())
    await shows(`${orders} invocation`, fresh)
    await fresh.context().close()
    await page.goBack()
    await shows(`${await countOf('true')} invocation`)
  })

  it('shows what a root led to below it', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/invocations?roots=true`)
    await shows(`${await countOf('source_job_id IS NULL')} root`)
    const [root] =
      await sql(`SELECT i.id, (SELECT count(*)::int FROM SCHEMA.invocation_chain(i.id)) AS n FROM SCHEMA.invocations i
      WHERE source_job_id IS NULL AND total_jobs_run > 0 ORDER BY created_at DESC LIMIT 1`)
    const row = page.locator(`tr[data-invocation="${root?.id}"]`)
    await row.getByRole('button', { name: 'Show what it led to' }).click()
    await eventually(async () => {
      // Only rows in view exist, so the number is asked of the table.
      const shown = await page.getByTestId('invocations').locator('tbody tr[data-index]').count()
      expect(shown).toBeGreaterThan(Math.min(10, Number(root?.n)))
    })
  })

  it('keeps the columns that were chosen, and orders by duration', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/invocations`)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'Columns changed' }).click()
    await page.waitForURL('**cols=**')
    await page.getByRole('columnheader', { name: 'Columns changed' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click()
    await page.waitForURL('**sort=duration**')
    const [slowest] = await sql(
      `SELECT id FROM SCHEMA.invocations ORDER BY total_duration_ms DESC NULLS LAST, id DESC LIMIT 1`,
    )
    await eventually(async () =>
      expect(await page.locator('tr[data-invocation]').first().getAttribute('data-invocation')).toBe(slowest?.id),
    )
  })

  it.each(['CSV', 'JSON Lines'])('writes everything that matches as %s', async format => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/invocations?table=public.orders`)
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('export').getByRole('button', { name: format }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    const rows = await sql(
      `SELECT id FROM SCHEMA.invocations WHERE source_table = 'public.orders' ORDER BY created_at DESC, id DESC`,
    )
    const lines = text.trim().split(/\r?\n/)
    const ids =
      format === 'CSV' ? lines.slice(1).map(line => line.split(',')[0]) : lines.map(line => JSON.parse(line).id)
    expect(ids).toEqual(rows.map(row => row.id))
    await page.getByText(`${rows.length} of ${rows.length} written`).waitFor()
  })

  it('is used with the keyboard alone', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/invocations?status=completed`)
    await page.locator('tr[data-invocation]').first().waitFor()
    const rows = await sql(`SELECT id FROM SCHEMA.invocations WHERE status = 'completed' AND total_jobs_failed = 0
      ORDER BY created_at DESC, id DESC LIMIT 3`)
    const focused = () =>
      page.evaluate(`document.activeElement?.closest('tr')?.getAttribute('data-invocation') ?? null`)
    for (const [key, row] of [
      ['j', 0],
      ['j', 1],
      ['ArrowDown', 2],
      ['k', 1],
    ] as const) {
      await page.keyboard.press(key)
      await eventually(async () => expect(await focused()).toBe(rows[row]?.id))
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/chains/**`)
    await page.goBack()
    await page.waitForURL('**status=completed**')
    await page.keyboard.press('/')
    await eventually(async () => expect(await page.evaluate('document.activeElement?.tagName')).toBe('INPUT'))
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await keys.waitFor()
    await page.keyboard.press('Escape')
    // As it closes it gives the focus back, to wherever it was before.
    await keys.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+k')
    const palette = page.getByPlaceholder('Page, id or record key')
    await palette.fill(String(rows[0]?.id))
    // The first place it leads to is chosen as soon as it is there.
    const chosen = page.locator('.palette [data-selected]')
    await chosen.filter({ hasText: 'Invocation of' }).waitFor()
    await palette.press('ArrowDown')
    await chosen.filter({ hasText: 'The chain this invocation belongs to' }).waitFor()
    await palette.press('Enter')
    await eventually(async () => expect(page.url()).toContain(`/chains/${rows[0]?.id}`))
  }, 120_000)

  it('says why there is nothing, and what to do', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/invocations?from=1600000000000&to=1600003600000`)
    await page.getByText('No invocation in this time').waitFor()
    await page.goto(`${server.url}/invocations?q=key:nothing`)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await shows(`${await countOf('true')} invocation`)
    await page.route('**/v1/graphql', route => route.fulfill({ json: { errors: [{ message: 'out of order' }] } }))
    await page.goto(`${server.url}/invocations`)
    const alert = page.getByRole('alert').filter({ hasText: 'out of order' })
    await alert.waitFor()
    await page.unroute('**/v1/graphql')
    await alert.getByRole('button', { name: 'Retry' }).click()
    await shows(`${await countOf('true')} invocation`)
  }, 120_000)

  it('has no serious finding of axe, nor have the pages it leads to', async () => {
    const { page, server, sql, pageErrors } = dashboard
    const [row] = await sql(`SELECT id, correlation_id FROM SCHEMA.invocations WHERE total_jobs_failed > 0`)
    for (const [address, ready] of [
      ['/invocations', 'tr[data-invocation]'],
      [`/invocations/${row?.id}`, '.summary'],
      [`/invocations/${row?.id}?tab=modules`, '[data-testid="modules"]'],
      [`/invocations/${row?.id}?tab=jobs`, '[data-testid="jobs"]'],
      [`/invocations/${row?.id}?tab=row`, '[data-testid="row-change"]'],
      ['/correlations', '[data-testid="correlations"] tbody tr'],
      [`/correlations/${row?.correlation_id}`, '[data-testid="roots"]'],
      ['/settings', '[data-testid="storage"] tbody tr'],
    ] as const) {
      await page.goto(server.url + address)
      await page.locator(ready).first().waitFor()
      await expectAccessible(page)
    }
    expect(pageErrors).toEqual([])
  }, 120_000)

  it('shows one invocation in all its parts, whatever the time range', async () => {
    const { page, server, sql } = dashboard
    const [failed] = await sql(`SELECT i.id, j.error_message, j.job_name, i.source_event_id FROM SCHEMA.invocations i
      JOIN SCHEMA.job_executions j ON j.invocation_id = i.id WHERE j.status = 'failed'`)
    const part = (tab: string) => page.getByTestId(`tab-${tab}`)
    const open = (tab: string) =>
      page.goto(`${server.url}/invocations/${failed?.id}?tab=${tab}&from=1600000000000&to=1600003600000`)
    // What failed stands on the first page, with the way to it.
    await page.goto(`${server.url}/invocations/${failed?.id}`)
    const failure = page.getByTestId('failed-parts').locator('li')
    await failure.first().waitFor()
    expect(await failure.allInnerTexts()).toEqual([expect.stringContaining(String(failed?.error_message))])
    await failure.getByRole('link', { name: String(failed?.job_name) }).click()
    await page.waitForURL('**/chains/**sel=job:**')
    await open('modules')
    const modules = await sql(
      `SELECT event_name, detected, not_detected_reason FROM SCHEMA.event_executions WHERE invocation_id = $1`,
      [failed?.id],
    )
    await eventually(async () => expect(await part('modules').locator('tbody tr').count()).toBe(modules.length))
    for (const module of modules.filter(one => one.not_detected_reason)) {
      const row = part('modules').locator('tbody tr', {
        has: page.getByText(String(module.event_name), { exact: true }),
      })
      expect(await row.innerText()).toContain(String(module.not_detected_reason))
    }
    await open('jobs')
    await part('jobs').getByText(String(failed?.error_message)).first().waitFor()
    await open('console')
    const [line] = await sql(
      `SELECT log_message FROM SCHEMA.events l JOIN SCHEMA.job_executions j USING (trace_id, span_id)
       WHERE j.invocation_id = $1 AND l.event_source = 'console' LIMIT 1`,
      [failed?.id],
    )
    await part('console').getByText(String(line?.log_message)).first().waitFor()
    await open('row')
    await part('row').getByTestId('row-change').waitFor()
    await open('delivery')
    const deliveries = await sql(`SELECT id FROM SCHEMA.invocations WHERE source_event_id = $1`, [
      failed?.source_event_id,
    ])
    await eventually(async () => expect(await part('delivery').locator('tbody tr').count()).toBe(deliveries.length))
    await open('raw')
    await part('raw').getByText(String(failed?.source_event_id)).first().waitFor()
    await page.goto(`${server.url}/invocations/0f8fad5b-d9cb-469f-a165-70867728950e`)
    await page.getByText('No invocation has this id').waitFor()
  }, 120_000)

  it('lists what ran under one correlation id, and finds it by any key', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/correlations`)
    const groups =
      await sql(`SELECT correlation_id, count(*)::int AS n, count(*) FILTER (WHERE source_job_id IS NULL)::int AS roots
      FROM SCHEMA.invocations GROUP BY 1 ORDER BY max(created_at) DESC`)
    await page.getByText(`${groups.length} correlations in this time`).waitFor()
    await page.getByTestId('correlations').locator('tbody tr a').first().click()
    await page.waitForURL(`**/correlations/${groups[0]?.correlation_id}**`)
    await eventually(async () =>
      expect(await page.getByTestId('correlation-sum').innerText()).toContain(
        `${groups[0]?.n} invocation${groups[0]?.n === 1 ? '' : 's'} in ${groups[0]?.roots} chain`,
      ),
    )
    expect(await page.getByTestId('roots').locator('li').count()).toBe(Number(groups[0]?.roots))
    const [order] = await sql(`SELECT source_record_id AS key, correlation_id FROM SCHEMA.invocations
      WHERE source_table = 'public.orders' AND source_job_id IS NULL LIMIT 1`)
    await page.goto(`${server.url}/correlations`)
    await page.getByRole('searchbox').fill(`orders:${order?.key}`)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/correlations/${order?.correlation_id}**`)
    // An address of a person is not put into a link: nothing is searched for, and that is said.
    await page.goto(`${server.url}/correlations`)
    await page.getByRole('searchbox').fill('ada@example.com')
    await page.keyboard.press('Enter')
    await page.getByTestId('search-help').getByText('are not put into links').waitFor()
    expect(page.url()).not.toContain('key=')
    await page.goto(`${server.url}/correlations?key=no-such-key`)
    await page.getByText('Nothing has this key').waitFor()
  })

  it('says in the settings what it reads, keeps and how much room that takes', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/settings`)
    const table = page.getByTestId('storage')
    await table.locator('tbody tr').first().waitFor()
    const sizes = await sql(`SELECT table_name FROM SCHEMA.table_sizes`)
    expect(await table.locator('tbody tr').count()).toBe(sizes.length)
    expect(await page.getByTestId('role').innerText()).toBe('admin')
    await page.getByText('/v1/graphql').first().waitFor()
    await page.getByText(/30 days/).waitFor()
    await page.getByRole('combobox', { name: 'Refresh interval' }).selectOption('5000')
    await page.reload()
    await eventually(async () =>
      expect(await page.getByRole('combobox', { name: 'Refresh interval' }).inputValue()).toBe('5000'),
    )
  })
})
