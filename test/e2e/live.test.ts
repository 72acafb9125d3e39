import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { readLiveCounts } from '../support/live-counts.ts'

describe('the live page', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([])
  })
  afterAll(() => dashboard.stop())

  const send = async (events: object[]): Promise<void> => {
    const response = await fetch(`${dashboard.server.url}/api/broadcast`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        events.map(event => ({ event_type: 'log', ns: 'live-test', event_name: 'app.log', ...event })),
      ),
    })
    expect(response.status).toBe(200)
  }
  const isConnected = () => dashboard.page.locator('[data-testid="live-counts"][data-status="connected"]').waitFor()
  const rows = () => dashboard.page.getByTestId('live-list').locator('tbody tr:not(.spacer)')
  const counts = () => dashboard.page.getByTestId('live-counts').innerText()

  it('shows events as they are stored, each with all it has', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/live?topic=live-test`)
    await page.getByText('No event yet').waitFor()
    await isConnected()
    await send([
      { id: 'live-1', log_level: 'info', log_message: 'first line' },
      { id: 'live-2', log_level: 'error', log_message: 'it broke', service_name: 'api', attributes: { order: 7 } },
    ])
    await page.getByText('it broke').waitFor()
    await eventually(async () => expect(await rows().count()).toBe(2))
    expect(await counts()).toContain('2 shown of 2')
    await rows().filter({ hasText: 'it broke' }).getByRole('button').click()
    const opened = page.getByRole('complementary', { name: 'Event app.log' })
    await opened.getByText('order').waitFor()
    await page.keyboard.press('Escape')
    await opened.waitFor({ state: 'detached' })
    await expectAccessible(page)
  })

  it('counts what waits while it is paused, and then shows it', async () => {
    const { page } = dashboard
    await page.keyboard.press('Space')
    await page.getByTestId('live-waiting').waitFor()
    await send(Array.from({ length: 5 }, (_, i) => ({ id: `paused-${i}`, log_message: `while paused ${i}` })))
    await eventually(async () =>
      expect(await page.getByTestId('live-waiting').innerText()).toBe('Paused, 5 new events wait'),
    )
    expect(await rows().count()).toBe(2)
    await page.getByTestId('live-waiting').click()
    await eventually(async () => expect(await rows().count()).toBe(7))
    expect(await counts()).toContain('7 shown of 7')
  })

  it('keeps what is asked for in the address', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/live?topic=live-test&level=error`)
    await isConnected()
    await send([
      { log_message: 'all is well', log_level: 'info' },
      { log_message: 'nothing is well', log_level: 'error' },
    ])
    await page.getByText('nothing is well').waitFor()
    expect(await rows().count()).toBe(1)
    // Whoever gets the link hears the same.
    const fresh = await dashboard.freshPage(page.url())
    await fresh.locator('[data-testid="live-counts"][data-status="connected"]').waitFor()
    await send([
      { log_message: 'still well', log_level: 'info' },
      { log_message: 'still not well', log_level: 'error' },
    ])
    await fresh.getByText('still not well').waitFor()
    expect(await fresh.getByText('still well').count()).toBe(0)
    await fresh.context().close()
    await page.getByLabel('Add a topic').fill('a*')
    await page.keyboard.press('Enter')
    await page.getByText(/topic "a\*"/).waitFor()
    expect(page.url()).toContain('topic=live-test&topic=a*')
    await page.getByRole('button', { name: 'Stop hearing a*' }).click()
    await page.getByText(/topic "a\*"/).waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByText(/topic "a\*"/).waitFor()
  })

  it('connects again by itself, and misses nothing', async () => {
    const { page, server } = dashboard
    const cuts: (() => Promise<void>)[] = []
    await page.routeWebSocket(/\/api\/events/, socket => {
      socket.connectToServer()
      cuts.push(() => socket.close({ code: 1001, reason: 'cut' }))
    })
    await page.goto(`${server.url}/live?topic=live-test`)
    await isConnected()
    await send([{ log_message: 'before the cut' }])
    await page.getByText('before the cut').waitFor()
    await cuts[0]?.()
    await page.locator('[data-testid="live-counts"][data-status="disconnected"]').waitFor()
    await send([{ log_message: 'while it was away' }])
    await page.getByText('while it was away').waitFor()
    expect(cuts).toHaveLength(2)
    expect(await rows().count()).toBe(2)
  })

  it('shows or counts every event, at 500 a second and more than it keeps', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/live?topic=live-test`)
    await isConnected()
    const startedAt = Date.now()
    let sent = 0
    while (sent < 6_000) {
      await send(Array.from({ length: 250 }, () => ({ id: `fast-${sent++}`, log_message: `event ${sent}` })))
      const aheadMs = startedAt + (sent / 500) * 1_000 - Date.now()
      if (aheadMs > 0) await new Promise(resolve => setTimeout(resolve, aheadMs))
    }
    await eventually(async () => {
      const { shown, left, skipped, received } = readLiveCounts(await counts())
      expect([shown + left + skipped, received + skipped]).toEqual([6_000, 6_000])
      expect(shown).toBe(Math.min(5_000, received))
    }, 60_000)
    const first = rows().first()
    expect(await first.innerText()).toContain('event 6000')
  }, 120_000)
})
