import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PAGES, type Query, type ShownPage } from '../../scripts/screenshot-pages.ts'
import { startShownServer } from '../../scripts/shown-server.ts'
import { sendTraces } from '../../scripts/shown-traces.ts'
import { type Dashboard, type Page, placeOrder, settled, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

/** Read what another address of the same page reads. */
const SHOWN_TWICE = new Set(['invocation-summary', 'invocation-jobs', 'compare-chains', 'chain-failed', 'chain-table'])

/** The lists in which one can search. */
const SEARCHED = ['invocations', 'logs', 'traces', 'correlations', 'jobs', 'modules', 'map']

/** What is asked of every page alike; what each of them shows is asked in a file of its own. */
describe('every page', () => {
  let dashboard: Dashboard
  let query: Query

  beforeAll(async () => {
    dashboard = await startDashboard([{}])
    // Only now: what failed is compared with what went well before.
    await placeOrder(dashboard.server, { scenario: 'payment_declined' })
    await settled(dashboard.server)
    await sendTraces(dashboard.server.url)
    query = (await startShownServer(dashboard.server.url)).query
    await eventually(async () =>
      expect(await dashboard.sql(`SELECT 1 FROM SCHEMA.events WHERE event_type = 'trace' LIMIT 1`)).toHaveLength(1),
    )
  })
  afterEach(() => dashboard.page.unrouteAll())
  afterAll(() => dashboard.stop())

  const pages = PAGES.filter(page => !page.loggedOut)
  const open = async (page: Page, { name, address, ready }: ShownPage): Promise<void> => {
    await page.goto(dashboard.server.url + (await address(query)))
    // Nothing happens in the shop any more: the stream has nothing to show.
    await page
      .locator(name === 'live' ? '[data-testid="live-counts"]' : ready)
      .first()
      .waitFor()
  }

  it('fits a phone, has one heading, and is reached past the menu with the keyboard', async () => {
    const { page, pageErrors } = dashboard
    await page.setViewportSize({ width: 360, height: 780 })
    const found: string[] = []
    for (const shown of pages) {
      await open(page, shown)
      const wide = (await page.evaluate(`[document.documentElement, ...document.querySelectorAll(
          '.page-scroll, .list-page-body, .list-scroller, .log-scroller, .live-list, .rows-view, .topbar, .panel')]
        .filter(part => part.scrollWidth > part.clientWidth + 1)
        .map(part => part.className + ' ' + part.scrollWidth + ' > ' + part.clientWidth)`)) as string[]
      found.push(...wide.map(what => `${shown.name} is too wide: ${what}`))
      // Pages scroll within the window: a longer document would scroll to nothing.
      const isLong = await page.evaluate('document.documentElement.scrollHeight > window.innerHeight')
      if (isLong) found.push(`${shown.name} is longer than the window`)
      if (SEARCHED.includes(shown.name)) {
        const isSearching = () => page.evaluate(`document.activeElement.matches('.find-field input')`)
        await page.keyboard.press('/')
        if (!(await isSearching())) found.push(`${shown.name}: / does not search`)
        await page.keyboard.press('Escape')
        if (await isSearching()) found.push(`${shown.name}: Esc does not leave the search`)
      }
      const headings = await page.locator('h1').count()
      if (headings !== 1) found.push(`${shown.name} has ${headings} headings`)
      await page.locator('.skip-link').focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      if (!(await page.evaluate('document.querySelector("main").contains(document.activeElement)'))) {
        found.push(`${shown.name} does not get the focus`)
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    expect(found).toEqual([])
    expect(pageErrors).toEqual([])
  }, 180_000)

  it('says that it cannot read, and reads when that is asked for', async () => {
    const pageErrors: string[] = []
    const found: string[] = []
    const ask = async (page: Page, { address, ready }: ShownPage): Promise<void> => {
      const url = dashboard.server.url + (await address(query))
      await page.addInitScript(`addEventListener('click', () => { window.isAsked = true }, true)`)
      // A page that has gone cannot be asked any more, and what it had sent needs no answer.
      const isAsked = () => page.evaluate('window.isAsked === true').catch(() => false)
      // Only what is read after the click gets an answer: pages also read again by themselves.
      await page.route('**/v1/graphql', async route => {
        const isAnswered = await isAsked()
        const answer = isAnswered
          ? route.continue()
          : route.fulfill({ json: { errors: [{ message: 'out of order' }] } })
        await answer.catch(() => {})
      })
      await page.goto(url)
      await page.getByText('out of order').first().waitFor({ timeout: 15_000 })
      await page
        .getByRole('button', { name: /^Retry/ })
        .first()
        .click({ timeout: 15_000 })
      await page.locator(ready).first().waitFor({ timeout: 15_000 })
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
    // The stream comes over a socket of its own, and is tried again without being asked.
    const left = pages.filter(({ name }) => name !== 'live' && !SHOWN_TWICE.has(name))
    const askSome = async (): Promise<void> => {
      const page = await dashboard.browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.on('pageerror', error => pageErrors.push(error.message))
      // Without subscriptions the pages read again and again.
      await page.routeWebSocket(/\/v1\/graphql/, socket => socket.close())
      for (let shown = left.shift(); shown; shown = left.shift()) {
        const { name } = shown
        await ask(page, shown).catch(error => found.push(`${name}: ${String(error)}`))
      }
      await page.close()
    }
    // Each page waits a while before it says so: several wait at once.
    await Promise.all(Array.from({ length: 5 }, askSome))
    expect(found).toEqual([])
    expect(pageErrors).toEqual([])
  }, 180_000)

  it('is two keys away where it is in the menu', async () => {
    const { page, server } = dashboard
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${server.url}/settings`)
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.keyboard.press('?')
    const texts = await page.getByRole('dialog', { name: 'Keys' }).locator('dt, dd').allInnerTexts()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
    const links = page.getByRole('navigation', { name: 'Pages' }).locator('a:not([target])')
    expect(await links.count()).toBeGreaterThan(10)
    for (const label of await links.allInnerTexts()) {
      const keys = texts[texts.indexOf(label) - 1]?.replace(/\s/g, '') ?? ''
      expect(keys, label).toMatch(/^g.$/)
      for (const key of keys) await page.keyboard.press(key)
      const path = await links.filter({ hasText: label }).first().getAttribute('href')
      await page.waitForURL(url => new URL(url).pathname === new URL(path ?? '', server.url).pathname)
    }
  })

  it.each([
    ['/correlations', 'key=', 'no-such-key', 'Nothing has this key', '[data-testid="correlations"] tbody tr'],
    ['/logs', 'q=', 'nothing-like-this', 'No line of this time matches', '[data-testid="logs"] tbody tr'],
    ['/traces', 'q=', 'nothing-like-this', 'No trace matches', '[data-trace]'],
    ['/invocations', 'q=', 'key:nothing', 'No invocation of this time matches', 'tr[data-invocation]'],
  ])(
    '%s shows in a fresh browser what was looked for, and goes back to what was there',
    async (path, name, text, says, row) => {
      const { page, server, freshPage } = dashboard
      await page.goto(server.url + path)
      await page.locator(row).first().waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type(text)
      await page.keyboard.press('Enter')
      await page.getByText(says).waitFor()
      await page.waitForURL(url => decodeURIComponent(url.search).includes(name + text))
      const fresh = await freshPage(page.url())
      await fresh.getByText(says).waitFor()
      await fresh.context().close()
      // The search can be emptied, and one is still in it.
      await page.getByRole('button', { name: 'Clear the search' }).click()
      await page.locator(row).first().waitFor()
      expect(await page.locator('input[type="search"]:focus').inputValue()).toBe('')
      await page.goBack()
      await page.getByText(says).waitFor()
      await page.goBack()
      await page.locator(row).first().waitFor()
    },
  )

  it('tells traces from spans in the address, and goes back', async () => {
    const { page, server, freshPage, sql } = dashboard
    const [counts] = await sql(
      `SELECT count(*)::int AS spans, count(DISTINCT trace_id)::int AS traces FROM SCHEMA.events WHERE event_type = 'trace'`,
    )
    const shows = (what: string, shown: Page) =>
      eventually(async () => expect(await shown.getByTestId('list-count').innerText()).toBe(what))
    await page.goto(`${server.url}/traces`)
    await shows(`${counts?.traces} traces`, page)
    await page.getByRole('button', { name: 'Any span' }).click()
    await shows(`${counts?.spans} spans`, page)
    const fresh = await freshPage(page.url())
    await shows(`${counts?.spans} spans`, fresh)
    await fresh.context().close()
    await page.goBack()
    await shows(`${counts?.traces} traces`, page)
  })

  it('keeps the part of an invocation and the time of an overview in the address, and goes back', async () => {
    const { page, server, freshPage, sql } = dashboard
    const [row] = await sql('SELECT id FROM SCHEMA.invocations WHERE total_jobs_failed > 0')
    await page.goto(`${server.url}/invocations/${row?.id}`)
    await page.locator('.summary').waitFor()
    await page.getByRole('link', { name: /^Jobs/ }).last().click()
    await page.getByTestId('tab-jobs').waitFor()
    const fresh = await freshPage(page.url())
    await fresh.getByTestId('tab-jobs').waitFor()
    await page.goBack()
    await page.locator('.summary').waitFor()

    const total = (shown: Page) => shown.getByTestId('stat-invocations').locator('.stat-value').innerText()
    await page.goto(`${server.url}/`)
    await page.getByTestId('stat-invocations').waitFor()
    const now = await total(page)
    await page.keyboard.press('t')
    await page.getByLabel('From').fill('2020-09-13 12:00')
    await page.getByLabel('To', { exact: true }).fill('2020-09-13 13:00')
    await page.keyboard.press('Enter')
    await eventually(async () => expect(await total(page)).toBe('0'))
    await fresh.goto(page.url())
    await eventually(async () => expect(await total(fresh)).toBe('0'))
    await fresh.context().close()
    await page.goBack()
    await eventually(async () => expect(await total(page)).toBe(now))
  })
})
