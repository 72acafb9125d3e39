import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { settled } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { type InsertedTrace, insertTrace, PURCHASE } from '../support/trace-rows.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** One declined order of the shop, and one trace, in every view of the chain and trace pages. */
describe('the views of a chain', () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  let root: string
  let trace: InsertedTrace
  const pageErrors: string[] = []
  const sql = async <T>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await server.observability.pool.query(text, values)).rows as T[]

  async function newPage(): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    opened.on('pageerror', error => pageErrors.push(error.message))
    return opened
  }

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startTestServer(), launchBrowser()])
    const response = await fetch(`${server.url}/shop/orders`, {
      method: 'POST',
      body: JSON.stringify({ scenario: 'payment_declined' }),
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(201)
    await settled(server)
    const [first] = await sql<{ id: string }>(`SELECT id FROM ${SCHEMA}.invocations WHERE source_job_id IS NULL`)
    root = first?.id as string
    trace = await insertTrace(server.observability.pool, PURCHASE)
    page = await newPage()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  const selected = (on: Page) => on.locator('.wf-row[aria-selected="true"]').getAttribute('data-span')
  const executions = `SELECT 'invocation:' || id AS id, status FROM ${SCHEMA}.invocations
    UNION ALL SELECT 'event:' || id, status FROM ${SCHEMA}.event_executions
    UNION ALL SELECT 'job:' || id, status FROM ${SCHEMA}.job_executions`

  it('shows every execution of the chain in the waterfall, and all failures without unfolding anything', async () => {
    await page.goto(`${server.url}/chains/${root}?view=waterfall`)
    await page.locator('.wf-row').first().waitFor()
    const rows = await sql<{ id: string; status: string }>(executions)
    await page.getByText(`${rows.length} spans`, { exact: true }).waitFor()
    const failed = rows.filter(row => row.status.includes('failed')).map(row => row.id)
    expect(failed.length).toBeGreaterThan(0)
    await page.getByText(`${failed.length} failed`, { exact: true }).waitFor()
    const seen = new Set<string | null>()
    for (let press = 0; press < failed.length; press++) {
      await page.keyboard.press('e')
      await eventually(async () => expect(seen.has(await selected(page))).toBe(false))
      seen.add(await selected(page))
    }
    expect([...seen].sort()).toEqual([...failed].sort())
  })

  it('finds by what is written, and shows only that and what led there', async () => {
    await page.goto(`${server.url}/chains/${root}?view=waterfall`)
    await page.locator('.wf-row').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('kind:job')
    const [jobs] = await sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${SCHEMA}.job_executions`)
    await eventually(async () => expect(await page.locator('.wf-found').innerText()).toBe(String(jobs?.n)))
    await page.keyboard.press('Enter')
    await eventually(async () => expect(await selected(page)).toContain('job:'))
    await page.getByRole('button', { name: 'Matches only' }).click()
    await eventually(async () => {
      expect(await page.locator('.wf-row[data-kind="undetected"]').count()).toBe(0)
      expect(page.url()).toContain('only=true')
    })
  })

  it('opens in a fresh browser as the address says, and goes back', async () => {
    const [job] = await sql<{ id: string }>(`SELECT id FROM ${SCHEMA}.job_executions WHERE status = 'failed'`)
    const fresh = await newPage()
    await fresh.goto(`${server.url}/chains/${root}?view=waterfall&sel=job:${job?.id}&path=true&q=capture`)
    await eventually(async () => expect(await selected(fresh)).toBe(`job:${job?.id}`))
    expect(await fresh.locator('.wf-find input').inputValue()).toBe('capture')
    expect(await fresh.getByRole('button', { name: 'Critical path' }).getAttribute('aria-pressed')).toBe('true')
    await fresh.getByTestId('side-panel').getByText('capturePayment').first().waitFor()
    await fresh.locator('.wf-row').first().click()
    await eventually(async () => expect(await selected(fresh)).toBe(`invocation:${root}`))
    await fresh.goBack()
    await eventually(async () => expect(await selected(fresh)).toBe(`job:${job?.id}`))
    await fresh.close()
  })

  it('is walked with the keyboard alone, from view to view with one selection', async () => {
    await page.goto(`${server.url}/chains/${root}?view=waterfall`)
    await page.locator('.wf-row').first().waitFor()
    await page.keyboard.press('j')
    await eventually(async () => expect(await selected(page)).toBe(`invocation:${root}`))
    await page.getByTestId('side-panel').waitFor()
    const before = Number(await page.getByRole('treegrid').getAttribute('aria-rowcount'))
    await page.keyboard.press('ArrowLeft')
    await eventually(async () => expect(await page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('2'))
    await page.keyboard.press('ArrowRight')
    await eventually(async () =>
      expect(Number(await page.getByRole('treegrid').getAttribute('aria-rowcount'))).toBe(before),
    )
    await page.keyboard.press('1')
    await page.locator('.react-flow__node .node[data-selected]').waitFor()
    expect(page.url()).toContain(`sel=invocation`)
    await page.keyboard.press('2')
    await eventually(async () => expect(await selected(page)).toBe(`invocation:${root}`))
    await page.keyboard.press('Escape')
    await page.getByTestId('side-panel').waitFor({ state: 'detached' })
  })

  it('lists in the table what the database holds, sorted by what is asked for', async () => {
    await page.goto(`${server.url}/chains/${root}?view=table&sort=-duration&q=kind:job`)
    const jobs = await sql<{ id: string }>(
      `SELECT 'job:' || id AS id FROM ${SCHEMA}.job_executions ORDER BY ended_at - created_at DESC`,
    )
    const shown = () =>
      page
        .locator('[data-testid="span-table"] [data-span]')
        .evaluateAll(all => all.map(one => one.getAttribute('data-span')))
    await eventually(async () => expect(await shown()).toEqual(jobs.map(job => job.id)))
  })

  it('says which columns of which rows changed, and which job wrote them', async () => {
    await page.goto(`${server.url}/chains/${root}?view=rows`)
    const invocations = await sql<{ id: string; job: string | null; key: string; changed: string[] | null }>(
      `SELECT i.id, j.job_name AS job, i.source_table || ':' || i.source_record_id AS key, i.changed_columns AS changed
       FROM ${SCHEMA}.invocations i LEFT JOIN ${SCHEMA}.job_executions j ON j.id = i.source_job_id`,
    )
    await eventually(async () => expect(await page.locator('.row-entry').count()).toBe(invocations.length))
    for (const { id, job, key, changed } of invocations) {
      const entry = page.locator(`[data-row="${key}"] [data-change="${id}"]`)
      const text = await entry.innerText()
      expect(text).toContain(job ?? 'from outside')
      for (const column of (changed ?? []).slice(0, 6)) expect(text).toContain(column)
    }
    // Who comes from a list has its styles, too: each change is still chosen by itself.
    await page.goto(`${server.url}/invocations?roots=true`)
    await page.locator('[data-row-link]').first().click()
    await page.getByRole('main').getByText('Rows', { exact: true }).click()
    const first = page.locator('.row-entry').first()
    await first.locator('[data-goto^="invocation:"]').click()
    await page.waitForURL(`**sel=invocation:${await first.getAttribute('data-change')}**`)
  })

  it('lists traces and finds them by an attribute, and shows one with what does not fit together', async () => {
    await page.goto(`${server.url}/traces`)
    await page.locator(`[data-trace="${trace.traceId}"]`).first().waitFor()
    expect(await page.getByTestId('list-count').innerText()).toBe('1 trace')
    await page.getByRole('button', { name: 'Any span' }).click()
    await page.waitForURL('**any=true**')
    // What cannot be understood is said, and the rest holds.
    await page.getByLabel('Search traces').fill('colour:red card.kind=visa ')
    await page.getByTestId('search-help').getByText('There is no colour').waitFor()
    await page.getByLabel('Search traces').fill('card.kind=visa -status:ok -nothing')
    await page.keyboard.press('Enter')
    await page.waitForURL('**card.kind**')
    await eventually(async () => expect(await page.getByTestId('list-count').innerText()).toBe('1 span'))
    await page.getByText('charge card').waitFor()
    await page.locator(`[data-trace="${trace.traceId}"]`).click()
    await eventually(async () => expect(await selected(page)).toBe(`span:${trace.traceId}-${trace.spanIds[3]}`))
    await page.getByText('1 missing parent').waitFor()
    await page.getByText('1 span outside its parent').waitFor()
    await page.getByTestId('side-panel').getByText('card declined').first().waitFor()
    await page.goto(`${server.url}/traces?q=nothing-like-this`)
    await page.getByText('No trace matches').waitFor()
    await page.goto(`${server.url}/traces/00000000000000000000000000000000`)
    await page.getByText('No trace has this id').waitFor()
  }, 60_000)

  it('keeps what it shows when the server goes silent, and says so', async () => {
    await page.goto(`${server.url}/chains/${root}?view=waterfall`)
    await page.locator('.wf-row').first().waitFor()
    await page.route('**/v1/graphql', route => route.abort())
    await page.locator('.panel-failure').first().waitFor()
    expect(await page.locator('.wf-row').count()).toBeGreaterThan(5)
    await page.unroute('**/v1/graphql')
    await page.locator('.panel-failure').first().waitFor({ state: 'detached', timeout: 20_000 })
  })

  it.each(['light', 'dark'])(
    'has no serious accessibility fault in %s',
    async theme => {
      const fresh = await newPage()
      await fresh.addInitScript({ content: `localStorage.setItem('observability.theme', '${theme}')` })
      const found: string[] = []
      for (const [address, ready] of [
        [`/chains/${root}?view=waterfall&sel=invocation:${root}`, '.wf-row'],
        [`/chains/${root}?view=table`, '[data-testid="span-table"] [data-span]'],
        [`/chains/${root}?view=rows`, '.row-entry'],
        ['/traces', '[data-trace]'],
        [`/traces/${trace.traceId}?sel=span:${trace.traceId}-${trace.spanIds[3]}`, '.wf-row'],
      ] as const) {
        await fresh.goto(`${server.url}${address}`)
        await fresh.locator(ready).first().waitFor()
        await fresh.evaluate(AXE)
        const faults = await fresh.evaluate(async () => {
          const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }
          const { violations } = await axe.run()
          interface Violation {
            id: string
            impact: string
            nodes: { html: string }[]
          }
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
        })
        found.push(...faults.map(fault => `${address.slice(0, 20)} ${fault}`))
      }
      await fresh.close()
      expect(found).toEqual([])
      expect(pageErrors).toEqual([])
    },
    90_000,
  )
})
