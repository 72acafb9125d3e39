import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

const VIEWER = 'viewers may look'
const OPERATOR = 'operators see all'

describe('a dashboard that asks who looks', () => {
  let dashboard: Dashboard
  let id: string

  beforeAll(async () => {
    const { login } = readServerConfig({
      OBSERVABILITY_VIEWER_PASSWORD: VIEWER,
      OBSERVABILITY_OPERATOR_PASSWORD: OPERATOR,
    })
    dashboard = await startDashboard([{}], { login })
    const [row] = await dashboard.sql(
      `SELECT id FROM SCHEMA.invocations WHERE source_table = 'public.orders' AND source_operation = 'INSERT'`,
    )
    id = String(row?.id)
  })
  afterAll(() => dashboard.stop())

  const logIn = async (password: string) => {
    await dashboard.page.getByLabel('Password').fill(password)
    await dashboard.page.getByRole('button', { name: 'Log in' }).click()
  }

  it('shows the login page in place of every page, and says when the password is wrong', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/invocations/${id}?tab=payload`)
    await page.getByLabel('Password').waitFor()
    await expectAccessible(page)
    await logIn('not this one')
    await page.getByRole('alert').getByText('wrong password').waitFor()
    expect(await page.getByText('payload').count()).toBe(0)
  })

  it('lets a viewer see what happened, but no payload, and send nothing again', async () => {
    const { page, server } = dashboard
    await logIn(VIEWER)
    // To the page that was asked for.
    await page.getByText('Your role does not see payloads').waitFor()
    expect(await page.getByRole('link', { name: 'Replay' }).count()).toBe(0)
    await page.goto(`${server.url}/invocations/${id}?tab=replay`)
    await page.getByText('Your role may not send payloads again').waitFor()
    expect(await page.locator('#replay-payload').count()).toBe(0)
    await page.goto(`${server.url}/invocations/${id}?tab=raw`)
    await page.getByTestId('tab-raw').getByText('source_table').first().waitFor()
    expect(await page.getByTestId('tab-raw').innerText()).not.toMatch(/source_event_payload|source_user_email|@/)
    // What else is hidden says so where it would stand; nothing is a failure to read.
    await page.goto(`${server.url}/?from=now-1h`)
    await page.getByTestId('recorder').getByText('Processes that record').waitFor()
    expect(await page.getByText('Refused by Postgres').count()).toBe(0)
    const [job] = await dashboard.sql('SELECT id FROM SCHEMA.job_executions WHERE invocation_id = $1 LIMIT 1', [id])
    await page.goto(`${server.url}/chains/${id}?sel=job:${job?.id}`)
    await page.getByText(/^Options and result: Your role does not see \w+\.$/).waitFor()
    await page.goto(`${server.url}/chains/${id}?view=rows`)
    await page.getByTestId('empty').getByText('Your role does not see source_event_payload').waitFor()
    expect(await page.getByText('cannot be read').count()).toBe(0)
    await page.goto(`${server.url}/settings`)
    expect(await page.getByTestId('role').innerText()).toMatch(/viewer/i)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Password').waitFor()
  })

  it('lets an operator see payloads and send them again', async () => {
    const { page, server, pageErrors } = dashboard
    await logIn(OPERATOR)
    await page.getByRole('link', { name: 'Invocations' }).first().waitFor()
    await page.goto(`${server.url}/invocations/${id}?tab=payload`)
    await page.getByTestId('tab-payload').getByText('session_variables').waitFor()
    await page.getByRole('link', { name: 'Replay' }).click()
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText(/No verdict changed/).waitFor()
    expect(pageErrors).toEqual([])
  })

  it('stops an export when it is told to, and writes no file', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/invocations`)
    await page.locator('tr[data-invocation]').first().waitFor()
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/v1/graphql', async route => {
      if ((route.request().postData() ?? '').includes('Export')) await held
      await route.continue().catch(() => {})
    })
    let downloads = 0
    page.on('download', () => downloads++)
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByTestId('export').getByRole('button', { name: 'CSV' }).click()
    await page.getByTestId('export').getByRole('button', { name: 'Cancel' }).click()
    await page.getByTestId('export').getByRole('button', { name: 'CSV' }).waitFor()
    release()
    await page.unroute('**/v1/graphql')
    expect(await page.getByTestId('export').getByText('written').count()).toBe(0)
    expect(downloads).toBe(0)
    // And can be begun again.
    await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('export').getByRole('button', { name: 'CSV' }).click(),
    ])
  })
})

describe('feature flags', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    const { dashboard: flags } = readServerConfig({
      VITE_SHOW_CORRELATION_CHAINS: 'false',
      REACT_APP_SHOW_RAW_PAYLOADS: 'false',
      VITE_DEFAULT_TIME_RANGE: '6',
      VITE_OVERVIEW_POLLING: '7000',
    })
    dashboard = await startDashboard([], { dashboard: flags, shop: false, shopDbUrl: null })
    await dashboard.sql(
      `INSERT INTO SCHEMA.invocations (id, correlation_id, source_function, source_table, source_operation, status, ended_at, source_event_payload)
       VALUES (SCHEMA.uuid_v7_at(now() - interval '1 minute'), gen_random_uuid(), 'on_order', 'public.orders', 'INSERT', 'completed', now(), '{"secret": 1}')`,
    )
  })
  afterAll(() => dashboard.stop())

  it('reach the browser when it starts, without another build, and take away what they say', async () => {
    const { page, server, sql, pageErrors } = dashboard
    expect(await (await fetch(`${server.url}/config.json`)).json()).toMatchObject({
      features: { correlationChains: false, rawPayloads: false },
      defaultRange: 'now-6h',
      overviewPollIntervalMs: 7_000,
      replay: null,
      shopUrl: null,
    })
    const [row] = await sql('SELECT id FROM SCHEMA.invocations')
    await page.goto(`${server.url}/invocations`)
    await page.getByText('Last 6 hours').first().waitFor()
    // Without chains a row leads to the invocation itself.
    await page.locator(`tr[data-invocation="${row?.id}"] a`).first().click()
    await page.waitForURL(`**/invocations/${row?.id}**`)
    expect(await page.getByRole('link', { name: 'Open the chain' }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Replay' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Payload' }).click()
    await page.getByText('Payloads are switched off here').waitFor()
    await page.goto(`${server.url}/invocations/${row?.id}?tab=replay`)
    await page.getByText('There is no detector to send it to').waitFor()
    await page.goto(`${server.url}/settings`)
    await eventually(async () => expect(await page.locator('.settings').innerText()).toContain('7 s'))
    expect(pageErrors).toEqual([])
  })
})
