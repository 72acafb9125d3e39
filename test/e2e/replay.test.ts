import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'

describe('replaying an invocation', () => {
  let dashboard: Dashboard
  let id: string

  beforeAll(async () => {
    dashboard = await startDashboard([{}])
    const [row] = await dashboard.sql(
      `SELECT id FROM SCHEMA.invocations WHERE source_table = 'public.orders' AND source_operation = 'INSERT'`,
    )
    id = String(row?.id)
  })
  afterAll(() => dashboard.stop())

  const counts = async () => {
    const [row] = await dashboard.sql(`SELECT (SELECT count(*)::int FROM SCHEMA.invocations) AS invocations,
      (SELECT count(*)::int FROM SCHEMA.event_executions) AS modules, (SELECT count(*)::int FROM SCHEMA.job_executions) AS jobs`)
    return row
  }
  const editor = () => dashboard.page.getByRole('textbox', { name: /^Payload/ })
  const edit = async (change: (payload: { event: { op: string; data: { old: object; new: object } } }) => void) => {
    const payload = JSON.parse(await editor().inputValue())
    change(payload)
    await editor().fill(JSON.stringify(payload, null, 2))
  }

  it('shows by a dry run which verdicts changed, and leaves nothing behind', async () => {
    const { page, server, sql } = dashboard
    const before = await counts()
    await page.goto(`${server.url}/invocations/${id}`)
    await page.getByRole('link', { name: 'Replay' }).click()
    await page.waitForURL('**tab=replay**')
    await page.getByRole('button', { name: 'Dry run' }).click()
    const [asked] = await sql('SELECT count(*)::int AS n FROM SCHEMA.event_executions WHERE invocation_id = $1', [id])
    await page.getByText(`No verdict changed: ${asked?.n} of ${asked?.n} are as recorded.`).waitFor()
    await edit(payload => {
      payload.event.op = 'UPDATE'
      payload.event.data.old = { ...payload.event.data.new, status: 'paid' }
      payload.event.data.new = { ...payload.event.data.new, status: 'cancelled' }
    })
    await page.getByText('of the payload before your last edit').waitFor()
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText(`2 of ${asked?.n} verdicts changed.`).waitFor()
    const changed = page.getByTestId('verdicts').locator('tbody tr:not([data-change="same"])')
    expect(await changed.locator('th').allInnerTexts()).toEqual(['orders.cancelled', 'orders.placed'])
    await expectAccessible(page)
    expect(await counts()).toEqual(before)
  })

  it('says what is wrong with an edited payload', async () => {
    const { page } = dashboard
    await editor().fill('{\n  "id": 1,\n')
    await page.getByText(/^Not JSON: .*line 3 column 1/).waitFor()
    expect(await page.getByRole('button', { name: 'Dry run' }).isDisabled()).toBe(true)
    await editor().fill('{"id": "x"}')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText(/created_at is missing.*event is missing.*\(PAYLOAD_INVALID\)/).waitFor()
    await page.getByRole('button', { name: 'Back to the stored one' }).click()
    expect(JSON.parse(await editor().inputValue())).toHaveProperty('event.op', 'INSERT')
  })

  it('asks before it runs, names what is missing, and opens both side by side; the new one says what it repeats', async () => {
    const { page, server, sql } = dashboard
    await edit(payload => {
      payload.event.data.new = { ...payload.event.data.new, card: '[Redacted]' }
    })
    await page.getByTestId('gaps').getByText('event.data.new.card').waitFor()
    await page.getByRole('button', { name: 'Run for real…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Run handlers and jobs again?' })
    expect(await dialog.getByRole('button', { name: 'Run for real' }).isDisabled()).toBe(true)
    await dialog.getByRole('checkbox').check()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await sql('SELECT id FROM SCHEMA.invocations WHERE replay_of IS NOT NULL')).toEqual([])
    await page.getByRole('button', { name: 'Run for real…' }).click()
    await dialog.getByRole('checkbox').check()
    await dialog.getByRole('button', { name: 'Run for real' }).click()
    await page.waitForURL('**/compare?**')
    const [created] = await sql('SELECT id, correlation_id FROM SCHEMA.invocations WHERE replay_of = $1', [id])
    expect(new URL(page.url()).searchParams.get('left')).toBe(id)
    expect(new URL(page.url()).searchParams.get('right')).toBe(String(created?.id))
    await page.goto(`${server.url}/invocations/${created?.id}`)
    await page.getByText(String(created?.correlation_id)).waitFor()
    await page.locator('.replay-mark').waitFor()
    // Lists tell it from what Hasura delivered.
    await page.goto(`${server.url}/invocations?q=is:replay`)
    await page.locator(`tr[data-invocation="${created?.id}"] .replay-mark`).waitFor()
    expect(await page.getByTestId('list-count').innerText()).toBe('1 invocation')
    const original = await dashboard.freshPage(`${server.url}/invocations/${id}`)
    await original.getByTestId('replays').getByRole('link').first().click()
    await original.waitForURL(`**/invocations/${created?.id}`)
    await original.context().close()
  })

  it('says so when the server refuses or is away', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(`${server.url}/invocations/${id}?tab=replay`)
    await page.route('**/replay', route => route.abort())
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('alert').getByText('The server cannot be reached').waitFor()
    await page.unroute('**/replay')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByTestId('verdict-count').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(pageErrors).toEqual([])
  })
})
