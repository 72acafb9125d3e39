import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Dashboard,
  expectAccessible,
  type Page,
  placeOrder,
  settled,
  startDashboard,
} from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the comparison', () => {
  let dashboard: Dashboard
  /** The invocation of which a job failed, and the last one of its kind before it that went well. */
  let bad: string
  let good: string

  beforeAll(async () => {
    dashboard = await startDashboard([{}, {}])
    // Only now: what failed is compared with what went well before.
    await placeOrder(dashboard.server, { scenario: 'payment_declined' })
    await settled(dashboard.server)
    const [failed] = await dashboard.sql(
      `SELECT id, source_function, source_table, source_operation, created_at FROM SCHEMA.invocations WHERE total_jobs_failed > 0`,
    )
    bad = String(failed?.id)
    const [before] = await dashboard.sql(
      `SELECT g.id FROM SCHEMA.invocations g JOIN SCHEMA.invocations b ON b.id = $1
       WHERE g.source_function = b.source_function AND g.source_table = b.source_table AND g.source_operation = b.source_operation
         AND g.created_at < b.created_at AND g.status = 'completed' AND g.total_jobs_failed = 0
       ORDER BY g.created_at DESC LIMIT 1`,
      [bad],
    )
    good = String(before?.id)
  })
  afterAll(() => dashboard.stop())

  /** Name, left, right and difference of each row. */
  const rows = (page: Page, testId: string) =>
    page
      .getByTestId(testId)
      .locator('tbody tr')
      .evaluateAll(found =>
        found.map(row => [...row.children].map(cell => (cell.textContent ?? '').replace(/\s+/g, ' ').trim())),
      )
  const differing = async (page: Page, testId: string) =>
    (await rows(page, testId)).filter(row => !/^same/.test(row[3] ?? ''))

  it('finds the last good one from an invocation, and tells what each module and job did on both sides', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/invocations/${bad}`)
    await page.getByRole('main').getByRole('link', { name: 'Compare', exact: true }).click()
    await page.waitForURL(`**/compare?left=${good}&right=${bad}**`)
    await page.getByTestId('compare-modules').waitFor()

    const modules = await sql(
      `SELECT l.event_name AS name, l.status AS left, r.status AS right
       FROM SCHEMA.event_executions l JOIN SCHEMA.event_executions r ON r.event_name = l.event_name AND r.invocation_id = $2
       WHERE l.invocation_id = $1 ORDER BY l.event_name`,
      [good, bad],
    )
    expect(modules.length).toBeGreaterThan(5)
    const shown = (await rows(page, 'compare-modules')).sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))
    expect(shown.map(row => row[0])).toEqual(modules.map(row => row.name))
    for (const [index, row] of modules.entries()) {
      const verdict = (status: unknown) => (status === 'completed' ? 'detected' : String(status).replaceAll('_', ' '))
      expect(shown[index]?.[1]).toContain(verdict(row.left))
      expect(shown[index]?.[2]).toContain(verdict(row.right))
      if (row.left !== row.right) {
        expect(shown[index]?.[3]).toContain(`${verdict(row.left)} → ${verdict(row.right)}`)
      }
    }
    await eventually(async () => {
      const job = (await rows(page, 'compare-jobs')).find(row => row[0]?.includes('capturePayment'))
      expect(job?.[3]).toContain('completed → failed')
      expect(job?.[2]).toContain('the bank declined')
    })

    // The rows are those of the payloads, place by place.
    const [keys] = await sql(
      `SELECT l.source_event_payload #>> '{event,data,new,id}' AS left, r.source_event_payload #>> '{event,data,new,id}' AS right
       FROM SCHEMA.invocations l, SCHEMA.invocations r WHERE l.id = $1 AND r.id = $2`,
      [good, bad],
    )
    await page.getByTestId('compare-row').waitFor()
    expect((await rows(page, 'compare-row')).find(row => row[0] === 'new.id')).toEqual([
      'new.id',
      keys?.left,
      keys?.right,
      'changed',
    ])
  })

  it('leaves out what is the same, in a link that anybody can open, and the way back brings it back', async () => {
    const { page, server, freshPage } = dashboard
    await page.goto(`${server.url}/compare?left=${good}&right=${bad}`)
    await page.getByTestId('compare-modules').waitFor()
    const all = await rows(page, 'compare-modules')
    const differ = await differing(page, 'compare-jobs')
    expect(await page.getByTestId('jobs-differ').innerText()).toMatch(new RegExp(`^${differ.length} of `))
    await page.keyboard.press('d')
    await page.waitForURL('**only=differences**')
    await eventually(async () => expect(await rows(page, 'compare-jobs')).toEqual(differ))
    const fresh = await freshPage(page.url())
    await eventually(async () => expect(await rows(fresh, 'compare-jobs')).toEqual(differ))
    await fresh.context().close()
    await page.goBack()
    await eventually(async () => expect(await rows(page, 'compare-modules')).toEqual(all))
    await page.keyboard.press('x')
    await page.waitForURL(`**left=${bad}&right=${good}**`)
    await eventually(async () =>
      expect((await rows(page, 'compare-jobs')).some(row => row[3]?.includes('failed → completed'))).toBe(true),
    )
  })

  it('aligns two chains by their steps, and shows what only one of them did', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/compare?kind=chain&left=last-good&right=${bad}`)
    await page.waitForURL(`**left=${good}**`)
    await page.getByTestId('compare-steps').waitFor()
    const count = async (id: string) => {
      const [counted] = await sql(
        `SELECT count(*)::int AS n, (SELECT count(*)::int FROM SCHEMA.job_executions WHERE invocation_id IN
           (SELECT id FROM SCHEMA.invocation_chain($1::uuid))) AS jobs FROM SCHEMA.invocation_chain($1::uuid)`,
        [id],
      )
      return { invocation: Number(counted?.n), job: Number(counted?.jobs) }
    }
    const shown = await rows(page, 'compare-steps')
    for (const [side, id] of [
      [1, good],
      [2, bad],
    ] as const) {
      for (const kind of ['invocation', 'job'] as const) {
        const there = shown.filter(row => row[0]?.startsWith(`${kind} `) && row[side] !== 'not there')
        expect(there, `${kind} of side ${side}`).toHaveLength((await count(id))[kind])
      }
    }
    expect(shown.some(row => row[3] === 'only left')).toBe(true)
    expect(shown.find(row => row[0] === 'job capturePayment')?.[3]).toContain('completed → failed')
  })

  it('compares a run of a job with the run before it, from the page of the job', async () => {
    const { page, server, sql } = dashboard
    const [failed] = await sql(
      `SELECT id FROM SCHEMA.job_executions WHERE job_name = 'capturePayment' AND status = 'failed'`,
    )
    const [before] = await sql(
      `SELECT id FROM SCHEMA.job_executions WHERE job_name = 'capturePayment' AND status = 'completed' AND id < $1 ORDER BY id DESC LIMIT 1`,
      [failed?.id],
    )
    await page.goto(`${server.url}/jobs/capturePayment`)
    await page.locator(`[data-run="${failed?.id}"]`).getByRole('link', { name: 'Compare' }).click()
    await page.waitForURL(`**/compare?kind=job&left=${before?.id}&right=${failed?.id}**`)
    await eventually(async () => {
      const facts = await rows(page, 'compare-facts')
      expect(facts.find(row => row[0] === 'Outcome')?.[3]).toContain('completed → failed')
      expect(facts.find(row => row[0] === 'Job')?.slice(1)).toEqual(['capturePayment', 'capturePayment', 'same'])
    })
    await page.getByTestId('compare-job_options').waitFor()
    await page.getByRole('link', { name: 'Compare the invocations that they ran in' }).click()
    await page.waitForURL(`**/compare?left=${good}&right=${bad}**`)
  })

  it('says what to do when there is nothing to compare with, an id is wrong, or a side cannot be read', async () => {
    const { page, server, sql } = dashboard
    const [first] = await sql(`SELECT id FROM SCHEMA.invocations ORDER BY created_at LIMIT 1`)
    await page.goto(`${server.url}/compare?left=last-good&right=${first?.id}`)
    await page.getByText('There is no earlier one that went well').waitFor()
    await page.getByRole('link', { name: 'Choose another by its id' }).click()
    await page.getByLabel('Left').fill('nonsense')
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByText('That is not an id').waitFor()
    await page.getByLabel('Left').fill('00000000-0000-4000-8000-000000000000')
    await page.keyboard.press('Enter')
    await page.getByText('No invocation has the left id').waitFor()

    await page.route('**/v1/graphql', async route => {
      const isIt = (route.request().postData() ?? '').includes('query CompareInvocations(')
      if (isIt) await route.fulfill({ json: { errors: [{ message: 'the disk is full' }] } })
      else await route.continue()
    })
    await page.goto(`${server.url}/compare?left=${good}&right=${bad}`)
    await page.getByText('the disk is full').first().waitFor()
    // What can be read stands there all the same.
    await page.getByTestId('compare-row').waitFor()
    await page.unroute('**/v1/graphql')
    await page.getByRole('button', { name: 'Retry' }).first().click()
    await page.getByTestId('compare-modules').waitFor()
  })

  it('has no serious finding of axe in light and dark, wide and narrow', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(`${server.url}/compare`)
    await page.getByRole('button', { name: 'Compare', exact: true }).waitFor()
    await expectAccessible(page)
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await page.goto(`${server.url}/compare?left=${good}&right=${bad}`)
      await page.getByTestId('compare-row').waitFor()
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    }
    expect(pageErrors).toEqual([])
  })
})
