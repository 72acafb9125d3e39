import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchBrowser } from './browser.ts'
import { eventually } from './eventually.ts'
import { SCHEMA } from './postgres.ts'
import { startTestServer, type TestServer } from './server.ts'
import { isSettled, readRowChanges } from './shop-truth.ts'

export type { Page, TestServer }

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A server with orders whose chains have ended, and a browser that looks at its dashboard. */
export interface Dashboard {
  server: TestServer
  browser: Browser
  page: Page
  /** What the page threw. */
  pageErrors: string[]
  /** Rows of one statement; `SCHEMA` stands for the schema's name. */
  sql: (statement: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
  /** A page in a browser that has never been here. */
  freshPage: (address: string) => Promise<Page>
  stop: () => Promise<void>
}

export async function startDashboard(
  orders: readonly object[],
  changes: Parameters<typeof startTestServer>[0] = {},
): Promise<Dashboard> {
  const [server, browser] = await Promise.all([startTestServer(changes), launchBrowser()])
  for (const order of orders) await placeOrder(server, order)
  if (orders.length > 0) await settled(server)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const pageErrors: string[] = []
  page.on('pageerror', error => pageErrors.push(error.message))
  return {
    server,
    browser,
    page,
    pageErrors,
    async sql(statement, values = []) {
      const { rows } = await server.observability.pool.query(statement.replaceAll('SCHEMA', SCHEMA), values)
      return rows
    },
    async freshPage(address) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
      const fresh = await context.newPage()
      await fresh.goto(address)
      return fresh
    },
    async stop() {
      await browser.close()
      await server.stop()
    },
  }
}

export async function placeOrder(server: TestServer, body: object): Promise<string> {
  const response = await fetch(`${server.url}/shop/orders`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(201)
  return ((await response.json()) as { orderId: string }).orderId
}

/** The shop has nothing more to do, and everything is written: each row change, each job and how they ended. */
export async function settled(server: TestServer): Promise<void> {
  await eventually(async () => expect(await isSettled(server.shop.pool)).toBe(true), 40_000)
  const changes = await readRowChanges(server.shop.pool)
  await eventually(async () => {
    const { rows } = await server.observability.pool.query(
      `SELECT count(*)::int AS invocations, count(*) FILTER (WHERE status = 'running')::int AS running,
         sum(total_jobs_run)::int - (SELECT count(*)::int FROM ${SCHEMA}.job_executions WHERE status <> 'running') AS jobs_missing
       FROM ${SCHEMA}.invocations`,
    )
    expect(rows).toEqual([{ invocations: changes.length, running: 0, jobs_missing: 0 }])
    expect(server.recorder().bufferedRows).toBe(0)
  })
}

/** No finding of axe-core that is serious or critical, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const theme of ['light', 'dark']) {
    await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${theme}')`)
    await page.evaluate(AXE)
    const findings = (await page.evaluate(`(async () => {
      const { violations } = await axe.run(document, { resultTypes: ['violations'] })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 5).map(({ html }) => html.slice(0, 160)).join(' | '))
    })()`)) as string[]
    expect(findings, theme).toEqual([])
  }
}
