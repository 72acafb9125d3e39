import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the logs', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([{}, { scenario: 'payment_declined' }])
  })
  afterEach(() => dashboard.page.unrouteAll())
  afterAll(() => dashboard.stop())

  const rows = () => dashboard.page.getByTestId('logs').locator('tbody tr:not(.spacer)')
  const shownCount = () => dashboard.page.getByTestId('list-count').innerText()
  const countLines = async (where = 'true') =>
    Number(
      (await dashboard.sql(`SELECT count(*)::int AS n FROM SCHEMA.events WHERE event_type = 'log' AND ${where}`))[0]?.n,
    )
  const showsCount = (n: number) =>
    eventually(async () => expect(await shownCount()).toMatch(new RegExp(`(^|of )${n} lines?$`)))
  const send = async (events: object[]): Promise<void> => {
    const response = await fetch(`${dashboard.server.url}/api/broadcast`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        events.map(event => ({ event_type: 'log', ns: 'logs-test', event_name: 'app.log', ...event })),
      ),
    })
    expect(response.status).toBe(200)
  }

  it('lists what jobs wrote, counts as SQL counts, by level too', async () => {
    const { page, server } = dashboard
    const all = await countLines()
    expect(all).toBeGreaterThan(5)
    await page.goto(`${server.url}/logs`)
    await showsCount(all)
    await eventually(async () => expect(await rows().count()).toBe(all))
    await page.getByRole('button', { name: 'Table' }).click()
    const table = await page
      .locator('.chart-table tbody tr')
      .evaluateAll(trs => trs.map(tr => [...tr.querySelectorAll('td')].map(cell => Number(cell.textContent))))
    expect(table.flat().reduce((sum, n) => sum + n, 0)).toBe(all)

    await page.getByRole('button', { name: 'Level' }).click()
    const errors = await countLines(`log_level = 'error'`)
    expect(errors).toBeGreaterThan(0)
    const option = page.getByRole('option').filter({ hasText: 'error' })
    expect(await option.innerText()).toMatch(new RegExp(`error\\s+${errors}$`))
    await option.click()
    await page.keyboard.press('Escape')
    await showsCount(errors)
    expect(page.url()).toContain('level=error')
    expect(await rows().locator('[data-status="error"]').count()).toBe(errors)
    // The way back leads to all lines.
    await page.goBack()
    await showsCount(all)
  })

  it('searches text, jobs, traces and correlations; a link shows the same in a fresh browser', async () => {
    const { page, server, sql, freshPage } = dashboard
    const [line] = await sql(
      `SELECT trace_id, correlation_id, log_logger, log_message FROM SCHEMA.events WHERE event_type = 'log' AND log_level = 'error' LIMIT 1`,
    )
    const job = String(line?.log_logger)
    await page.goto(`${server.url}/logs`)
    const search = async (text: string, where: string) => {
      await page.keyboard.press('/')
      await page.getByLabel('Search logs').fill(text)
      await page.keyboard.press('Enter')
      const n = await countLines(where)
      expect(n).toBeGreaterThan(0)
      await showsCount(n)
    }
    await page.getByTestId('logs').waitFor()
    await search('DECLINED', `log_message ILIKE '%declined%'`)
    await search('-declined', `log_message NOT ILIKE '%declined%'`)
    await search(`job:${job.slice(0, 4)}*`, `log_logger LIKE '${job.slice(0, 4)}%'`)
    await search(`level:error,warn job:${job}`, `log_level IN ('error', 'warn') AND log_logger = '${job}'`)
    await search(`trace:${line?.trace_id}`, `trace_id = '${line?.trace_id}'`)
    await search(
      `correlation:${line?.correlation_id} level:error`,
      `correlation_id = '${line?.correlation_id}' AND log_level = 'error'`,
    )
    const fresh = await freshPage(page.url())
    await eventually(async () =>
      expect(await fresh.getByTestId('list-count').innerText()).toBe(await page.getByTestId('list-count').innerText()),
    )
    expect(await fresh.getByLabel('Search logs').inputValue()).toBe(`correlation:${line?.correlation_id} level:error`)
    await fresh.context().close()
    // What cannot be understood is said, and the rest holds.
    await page.keyboard.press('/')
    await page.getByLabel('Search logs').fill('colour:red level:error ')
    await page.getByTestId('search-help').getByText('There is no colour').waitFor()
    await page.keyboard.press('Enter')
    await showsCount(await countLines(`log_level = 'error'`))
  })

  it('opens a line with what was written around it, and the way to its job', async () => {
    const { page, server, sql } = dashboard
    const [line] = await sql(
      `SELECT l.trace_id, l.span_id, l.log_message, j.id AS job_id, count(*) OVER ()::int AS n
       FROM SCHEMA.events l JOIN SCHEMA.job_executions j ON j.trace_id = l.trace_id AND j.span_id = l.span_id
       WHERE l.event_type = 'log' AND l.log_level = 'error' ORDER BY l."timestamp" DESC, l.id DESC LIMIT 1`,
    )
    const inJob = await countLines(`trace_id = '${line?.trace_id}' AND span_id = '${line?.span_id}'`)
    const inTrace = await countLines(`trace_id = '${line?.trace_id}'`)
    await page.goto(`${server.url}/logs?level=error&q=trace:${line?.trace_id}`)
    await rows().first().waitFor()
    // The list may be read once more meanwhile: down and up again leads to its first line.
    await eventually(async () => {
      for (const key of ['j', 'k']) await page.keyboard.press(key)
      expect(
        await rows()
          .first()
          .evaluate(row => row.contains(row.ownerDocument.activeElement)),
      ).toBe(true)
    })
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'Line details' })
    await eventually(async () =>
      expect(await panel.getByTestId('log-message').innerText()).toBe(String(line?.log_message).trim()),
    )
    const context = panel.getByTestId('log-context').locator('li')
    await eventually(async () => expect(await context.count()).toBe(inJob))
    expect(await panel.getByTestId('log-context').locator('[aria-current]').innerText()).toContain(
      String(line?.log_message).split('\n')[0],
    )
    await panel.getByRole('button', { name: 'Its trace' }).click()
    await eventually(async () => expect(await context.count()).toBeGreaterThan(inJob))
    for (const side of ['before', 'after']) {
      const more = panel.getByRole('button', { name: `25 more ${side} it` })
      while ((await more.count()) > 0) {
        const shown = await context.count()
        await more.click()
        await eventually(async () => expect(await context.count()).toBeGreaterThan(shown))
      }
    }
    expect(await context.count()).toBe(inTrace)
    await expectAccessible(page)
    expect(page.url()).toContain('near=trace')
    await panel.getByTestId('origin-job').click()
    await page.waitForURL(`**/chains/**sel=job:${line?.job_id}**`)
    await page.goBack()
    await panel.getByTestId('origin-trace').click()
    await page.waitForURL(`**/traces/${line?.trace_id}**`)
    await page.goBack()
    await panel.waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    // An opened line is found whatever the time range says; one that is gone says so.
    await page.goForward()
    await page.goto(`${server.url}/logs?from=1600000000000&to=1600003600000&sel=gone:000001&at=2020-09-13T12:30:00Z`)
    await panel.getByText('This line is not there').waitFor()
  })

  it('is told of new lines, keeps so many, and counts what waits while it is paused', async () => {
    const { page, server } = dashboard
    const frames: string[] = []
    page.on('websocket', socket => socket.on('framereceived', ({ payload }) => frames.push(String(payload))))
    await page.goto(`${server.url}/logs?service=tail-test`)
    await page.getByText('No line of this time matches').waitFor()
    await eventually(() => expect(frames.some(frame => frame.includes('connection_ack'))).toBe(true))
    // From now on the list cannot be read: what comes was told.
    await page.route('**/v1/graphql', route =>
      (route.request().postData() ?? '').includes('NewestLogs') ? route.abort() : route.continue(),
    )
    await send([{ log_message: 'the first', log_level: 'info', service_name: 'tail-test' }])
    await page.getByText('the first').waitFor()
    await page.keyboard.press('Space')
    await page.getByTestId('new-lines').waitFor()
    await send(
      Array.from({ length: 3 }, (_, n) => ({
        log_message: `later ${n}`,
        service_name: 'tail-test',
        log_level: 'warn',
      })),
    )
    await eventually(async () =>
      expect(await page.getByTestId('new-lines').innerText()).toBe('Paused, 3 new lines wait'),
    )
    expect(await rows().count()).toBe(1)
    await page.getByTestId('new-lines').click()
    await eventually(async () => expect(await rows().count()).toBe(4))
    expect(await rows().first().innerText()).toContain('later')
    await send(Array.from({ length: 300 }, (_, n) => ({ log_message: `burst ${n}`, service_name: 'tail-test' })))
    await eventually(async () => expect(await shownCount()).toBe('200 of 304 lines'))
    await page.unroute('**/v1/graphql')
  })

  it('follows new lines where no subscription gets through', async () => {
    const { browser, server } = dashboard
    const page = await browser.newPage()
    await page.routeWebSocket(/\/v1\/graphql/, socket => socket.close())
    await page.goto(`${server.url}/logs?service=read-test`)
    await page.getByText('No line of this time matches').waitFor()
    await send([{ log_message: 'was read', service_name: 'read-test' }])
    await page.getByText('was read').waitFor()
    await page.close()
  })

  it('loads older lines while one scrolls, each once', async () => {
    const { page, server } = dashboard
    const start = Date.now() - 3_600_000
    await send(
      Array.from({ length: 450 }, (_, n) => ({
        id: `many-${String(n).padStart(3, '0')}`,
        log_message: `line ${n}`,
        service_name: 'many',
        log_level: n % 9 === 0 ? 'error' : 'debug',
        // Three at the same moment.
        timestamp: new Date(start + Math.floor(n / 3)).toISOString(),
      })),
    )
    await page.goto(`${server.url}/logs?service=many`)
    await eventually(async () => expect(await shownCount()).toBe('200 of 450 lines'))
    expect(await rows().count()).toBeLessThan(100)
    // Two pages more: as long as one is loaded, scrolling asks for nothing.
    await eventually(
      async () => {
        await page.locator('.log-scroller').evaluate(element => {
          element.scrollTo({ top: element.scrollHeight - element.clientHeight - 100 })
          element.scrollTo({ top: element.scrollHeight })
        })
        expect(await shownCount()).toMatch(/^450 lines$/)
      },
      15_000,
      250,
    )
    await page.locator('.log-scroller').evaluate(element => element.scrollTo({ top: element.scrollHeight }))
    await eventually(async () => expect(await rows().last().innerText()).toContain('line 0'))
    // A drag over the chart chooses the time.
    const chart = page.getByTestId('chart')
    const box = await chart.boundingBox()
    if (!box) throw new Error('no chart')
    await page.mouse.move(box.x + box.width * 0.85, box.y + 40)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.97, box.y + 40, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/from=\d+&to=\d+/)
  })

  it('says why there is nothing, and lives on when it cannot read', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(`${server.url}/logs?from=1600000000000&to=1600003600000`)
    await page.getByText('No line in this time').waitFor()
    await page.getByText('captureConsole').waitFor()
    await page.goto(`${server.url}/logs?q=nothing-has-this`)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await rows().first().waitFor()
    let broken = true
    await page.route('**/v1/graphql', async route => {
      const isList = (route.request().postData() ?? '').includes('NewestLogs')
      if (broken && isList) await route.fulfill({ json: { errors: [{ message: 'the lines are being moved' }] } })
      else await route.continue()
    })
    await page.goto(`${server.url}/logs?level=error`)
    const alert = page.getByRole('alert').filter({ hasText: 'the lines are being moved' })
    await alert.waitFor()
    await page.getByTestId('chart').waitFor()
    broken = false
    await alert.getByRole('button', { name: 'Retry' }).click()
    await rows().first().waitFor()
    await page.unroute('**/v1/graphql')
    expect(pageErrors).toEqual([])
  })
})
