import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dashboard, expectAccessible, type Page, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

/** A GraphQL operation that fails as long as it is wanted. */
async function breakQuery(page: Page, operation: string): Promise<() => Promise<void>> {
  await page.route('**/v1/graphql', async route => {
    const isIt = (route.request().postData() ?? '').includes(`query ${operation}(`)
    if (isIt) await route.fulfill({ json: { errors: [{ message: 'the disk is full' }] } })
    else await route.continue()
  })
  return () => page.unroute('**/v1/graphql')
}

/** Whether the upper end of a part is on the screen. */
const inView = async (page: Page, selector: string): Promise<boolean> => {
  const box = await page.locator(selector).boundingBox()
  return box !== null && box.y >= 0 && box.y < (page.viewportSize()?.height ?? 0) - 60
}

const cells = (page: Page, testId: string) =>
  page
    .getByTestId(testId)
    .locator('tbody tr:not(.spacer)')
    .evaluateAll(rows => rows.map(row => [...row.children].map(cell => (cell.textContent ?? '').trim())))

describe('jobs and event modules', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([{}, { scenario: 'payment_declined' }, { scenario: 'cancelled' }, {}])
    // The shop has no module whose condition holds for everything.
    await dashboard.sql(
      `INSERT INTO SCHEMA.event_executions (id, created_at, detection_ended_at, ended_at, invocation_id, correlation_id, event_name,
         detected, detection_duration_ms, handler_duration_ms, status)
       SELECT (overlay(SCHEMA.uuid_v7_at(created_at)::text PLACING '8' || right(gen_random_uuid()::text, 11) FROM 25))::uuid, created_at,
         created_at, created_at, id, correlation_id, 'anything.happened', true, 0, 0, 'completed'
       FROM SCHEMA.invocations`,
    )
  })
  afterAll(() => dashboard.stop())

  it('lists every job with as many runs, failures and last runs as SQL counts', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/jobs`)
    const truth = await sql(
      `SELECT job_name, count(*)::int AS runs, count(*) FILTER (WHERE status = 'failed')::int AS failed
       FROM SCHEMA.job_executions GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1`,
    )
    expect(truth.length).toBeGreaterThan(5)
    expect(truth[0]?.failed).toBeGreaterThan(0)
    await eventually(async () => {
      const rows = await cells(page, 'jobs')
      expect(
        rows.map(row => ({ job_name: row[0], runs: Number(row[1]), failed: Number.parseInt(row[3] ?? '', 10) })),
      ).toEqual(truth)
      // The newest run stands as a word, too.
      for (const row of rows) expect(row.join(' ')).toMatch(/completed|failed/)
    })
    const sum = (what: 'runs' | 'failed') => truth.reduce((all, row) => all + Number(row[what]), 0)
    expect(await page.getByTestId('list-count').innerText()).toBe(
      `${truth.length} jobs: ${sum('runs')} runs, ${sum('failed')} failed`,
    )
    const strip = page.getByTestId('jobs').getByRole('img').first()
    expect(await strip.getAttribute('aria-label')).toContain(`${truth[0]?.failed} failed`)
    await eventually(async () => expect(await strip.locator('svg').count()).toBe(truth[0]?.runs))
  })

  it('finds, filters and sorts in the address, and the way back undoes it', async () => {
    const { page, server, sql, freshPage } = dashboard
    await page.goto(`${server.url}/jobs`)
    await page.getByTestId('jobs').locator('tbody tr').first().waitFor()
    await page.getByRole('button', { name: 'Failing' }).click()
    const failing = await sql(`SELECT DISTINCT job_name FROM SCHEMA.job_executions WHERE status = 'failed'`)
    await eventually(async () =>
      expect((await cells(page, 'jobs')).map(row => row[0])).toEqual(failing.map(row => row.job_name)),
    )
    await page.goBack()
    await eventually(async () => expect((await cells(page, 'jobs')).length).toBeGreaterThan(failing.length))
    await page.getByRole('button', { name: 'Runs' }).click()
    await page.waitForURL('**sort=-runs**')
    const most = (await cells(page, 'jobs')).map(row => Number(row[1]))
    expect(most).toEqual([...most].sort((a, b) => b - a))

    await page.keyboard.press('/')
    await page.keyboard.type('payment')
    await page.waitForURL('**q=payment**')
    const named = await sql(
      `SELECT job_name FROM SCHEMA.job_executions WHERE job_name ILIKE '%payment%' GROUP BY 1 ORDER BY count(*) DESC, 1`,
    )
    await eventually(async () => {
      const names = (await cells(page, 'jobs')).map(row => row[0])
      expect([...names].sort()).toEqual(named.map(row => row.job_name).sort())
    })
    const fresh = await freshPage(page.url())
    const numbers = async (shown: Page) => (await cells(shown, 'jobs')).map(row => row.slice(0, 7))
    await eventually(async () => expect(await numbers(fresh)).toEqual(await numbers(page)))
    await fresh.context().close()

    await page.getByRole('searchbox').fill('nothing has this name')
    await page.getByText('No job matches').waitFor()
    await page.getByRole('link', { name: /Show all/ }).click()
    await eventually(async () => expect((await cells(page, 'jobs')).length).toBeGreaterThan(named.length))
  })

  it('opens a job: its numbers, errors, callers and runs are those of the rows', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/jobs`)
    await page.getByTestId('jobs').locator('tbody tr').first().waitFor()
    await page.keyboard.press('j')
    await page.locator('[data-row-link]:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/jobs/capturePayment**')
    const [truth] = await sql(
      `SELECT count(*)::int AS runs, count(*) FILTER (WHERE status = 'failed')::int AS failed, max(duration_ms)::int AS max
       FROM SCHEMA.job_executions WHERE job_name = 'capturePayment'`,
    )
    expect(await page.getByTestId('stat-runs').locator('.stat-value').innerText()).toBe(String(truth?.runs))
    expect(await page.getByTestId('stat-failed').innerText()).toContain(`${truth?.failed} of ${truth?.runs}`)
    // Charts have a table with the same numbers.
    await page.getByRole('region', { name: 'Runs', exact: true }).getByRole('button', { name: 'Table' }).click()
    const steps = await page
      .locator('.chart-table')
      .first()
      .locator('tbody tr')
      .evaluateAll(rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => Number(cell.textContent))))
    expect(steps.reduce((sum, [ok = 0, failed = 0]) => sum + ok + failed, 0)).toBe(truth?.runs)

    const errors = await sql(
      `SELECT SCHEMA.error_pattern(error_message) AS pattern, count(*)::int AS runs, max(id::text) AS last
       FROM SCHEMA.job_executions WHERE job_name = 'capturePayment' AND status = 'failed' GROUP BY 1 ORDER BY 2 DESC`,
    )
    const groups = page.getByTestId('errors').locator('li')
    await eventually(async () => expect(await groups.count()).toBe(errors.length))
    expect(await groups.first().innerText()).toContain(String(errors[0]?.pattern))
    expect(await groups.first().locator('strong').innerText()).toBe(String(errors[0]?.runs))

    const callers = await sql(
      `SELECT e.event_name, i.source_function, count(*)::int AS runs FROM SCHEMA.job_executions j
       JOIN SCHEMA.event_executions e ON e.id = j.event_execution_id JOIN SCHEMA.invocations i ON i.id = j.invocation_id
       WHERE j.job_name = 'capturePayment' GROUP BY 1, 2`,
    )
    await eventually(async () =>
      expect(
        (await cells(page, 'callers')).map(row => ({
          event_name: row[0],
          source_function: row[1],
          runs: Number(row[2]),
        })),
      ).toEqual(callers),
    )
    await eventually(async () => expect(await cells(page, 'runs')).toHaveLength(Number(truth?.runs)))
    await eventually(async () => expect(await page.locator('.run-links li').count()).toBe(truth?.runs))

    // Failed runs only, from the number that counts them; the example leads into the chain.
    await page.getByTestId('stat-failed').click()
    await page.waitForURL('**status=failed**')
    // The number leads to its rows: they are in view.
    await eventually(async () => expect(await inView(page, '#runs')).toBe(true))
    await eventually(async () => expect(await cells(page, 'runs')).toHaveLength(Number(truth?.failed)))
    await groups.first().getByRole('link').click()
    await page.waitForURL(`**/chains/**sel=job:${errors[0]?.last}**`)
    await page.goBack()
    await eventually(async () => expect(await cells(page, 'runs')).toHaveLength(Number(truth?.failed)))
  })

  it('says what it is when a job did not run in the time, or is not known at all', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/jobs/capturePayment?from=1600000000000&to=1600003600000`)
    await page.getByText('It did not run in this time').waitFor()
    await page.getByRole('link', { name: 'Look at its last run' }).click()
    await page.getByTestId('stat-runs').waitFor()
    await page.goto(`${server.url}/jobs/noSuchJob`)
    await page.getByText('No run of this job is kept').waitFor()
    await page.goto(`${server.url}/jobs?from=1600000000000&to=1600003600000`)
    await page.getByText('No job ran in this time').waitFor()
  })

  it('shows a new run by itself, and keeps the rest of the page when a part cannot be read', async () => {
    const { page, server, sql } = dashboard
    const restore = await breakQuery(page, 'JobErrors')
    await page.goto(`${server.url}/jobs/capturePayment`)
    const panel = page.getByRole('region', { name: 'Errors' })
    await panel.getByText('the disk is full').waitFor()
    await eventually(async () => expect((await cells(page, 'runs')).length).toBeGreaterThan(0))
    await restore()
    await panel.getByRole('button', { name: 'Retry' }).click()
    await page.getByTestId('errors').waitFor()

    const before = (await cells(page, 'runs')).length
    await sql(
      `INSERT INTO SCHEMA.job_executions (id, created_at, ended_at, invocation_id, event_execution_id, correlation_id, job_name, duration_ms, status)
       SELECT (overlay(SCHEMA.uuid_v7_at(now())::text PLACING '9' || right(gen_random_uuid()::text, 11) FROM 25))::uuid, now(), now(),
         invocation_id, event_execution_id, correlation_id, 'capturePayment', 1, 'completed'
       FROM SCHEMA.job_executions WHERE job_name = 'capturePayment' LIMIT 1`,
    )
    await eventually(async () => expect(await cells(page, 'runs')).toHaveLength(before + 1))
    await sql(
      `DELETE FROM SCHEMA.job_executions WHERE right(id::text, 12) LIKE '9%' AND duration_ms = 1 AND job_name = 'capturePayment'`,
    )
  })

  it('lists every event module with what SQL counts, and tells those that never and always fire', async () => {
    const { page, server, sql } = dashboard
    await page.goto(`${server.url}/modules`)
    const truth = await sql(
      `SELECT event_name, count(*)::int AS asked, count(*) FILTER (WHERE detected)::int AS detected,
         count(*) FILTER (WHERE status IN ('failed', 'detection_failed', 'handler_failed', 'lost'))::int AS failed
       FROM SCHEMA.event_executions GROUP BY 1 ORDER BY 2 DESC, 1`,
    )
    await eventually(async () =>
      expect(
        (await cells(page, 'modules')).map(row => ({
          event_name: row[0],
          asked: Number(row[2]),
          detected: Number(row[3]),
          failed: Number.parseInt(row[5] ?? '', 10),
        })),
      ).toEqual(truth),
    )
    const never = truth.filter(row => row.detected === 0)
    const always = truth.filter(row => row.detected === row.asked)
    expect(never.length).toBeGreaterThan(0)
    expect(always.length).toBeGreaterThan(0)
    for (const [filter, rows, word] of [
      ['never', never, 'never fired'],
      ['always', always, 'always fired'],
    ] as const) {
      expect(await page.getByTestId(`only-${filter}`).innerText()).toMatch(new RegExp(`${rows.length}$`))
      await page.getByTestId(`only-${filter}`).click()
      await eventually(async () => {
        const shown = await cells(page, 'modules')
        expect(shown.map(row => row[0])).toEqual(rows.map(row => row.event_name))
        for (const row of shown) expect(row[1]).toBe(word)
      })
    }
    await page.goBack()
    await eventually(async () => expect(await cells(page, 'modules')).toHaveLength(never.length))
  })

  it('opens a module: why it did not fire, what it reads, its jobs and verdicts are those of the rows', async () => {
    const { page, server, sql, freshPage } = dashboard
    const name = 'inventory.low'
    await page.goto(`${server.url}/modules/${name}`)
    const reasons = await sql(
      `SELECT SCHEMA.error_pattern(not_detected_reason) AS pattern, count(*)::int AS times, max(invocation_id::text) AS last
       FROM SCHEMA.event_executions WHERE event_name = $1 AND NOT detected GROUP BY 1 ORDER BY 2 DESC`,
      [name],
    )
    expect(reasons.length).toBeGreaterThan(1)
    const groups = page.getByTestId('reasons').locator('li')
    await groups.first().waitFor()
    const shown = await groups.evaluateAll(items =>
      items.map(item => ({
        pattern: item.querySelector('a')?.textContent ?? '',
        times: Number(item.querySelector('strong')?.textContent),
      })),
    )
    const inOrder = (rows: { pattern: unknown; times: unknown }[]) =>
      rows.map(row => `${row.times} ${row.pattern}`).sort()
    expect(inOrder(shown)).toEqual(inOrder(reasons as { pattern: unknown; times: unknown }[]))

    const reads = await sql(
      `SELECT c AS name, count(*)::int AS n FROM SCHEMA.event_executions e, jsonb_array_elements_text(e.columns_read) c
       WHERE event_name = $1 GROUP BY 1 ORDER BY 2 DESC, 1`,
      [name],
    )
    await eventually(async () =>
      expect((await cells(page, 'reads')).map(row => ({ name: row[0], n: Number(row[1]) }))).toEqual(reads),
    )

    const [counts] = await sql(
      `SELECT count(*)::int AS asked, count(*) FILTER (WHERE detected)::int AS detected FROM SCHEMA.event_executions WHERE event_name = $1`,
      [name],
    )
    expect(await page.getByTestId('stat-asked').locator('.stat-value').innerText()).toBe(String(counts?.asked))
    expect(await page.getByTestId('stat-detected').innerText()).toContain(`${counts?.detected} of ${counts?.asked}`)
    await page.getByTestId('stat-detected').click()
    await eventually(async () => expect(await inView(page, '#verdicts')).toBe(true))
    await page.getByRole('group', { name: 'Which verdicts are listed' }).getByRole('button', { name: 'All' }).click()
    await page.waitForURL('**show=all**')
    await eventually(async () =>
      expect(await cells(page, 'verdicts')).toHaveLength(Math.min(25, Number(counts?.asked))),
    )
    const fresh = await freshPage(page.url())
    await eventually(async () =>
      expect(await cells(fresh, 'verdicts')).toHaveLength(Math.min(25, Number(counts?.asked))),
    )
    await fresh.context().close()

    // An example leads to the invocation in which that was the answer, among all modules that were asked there.
    await groups.first().getByRole('link').click()
    await page.waitForURL('**/invocations/**tab=modules**')
    await page.goBack()
    await page.getByTestId('reasons').waitFor()

    // A module that fires leads to its jobs, and a job to the modules that run it.
    await page.goto(`${server.url}/modules/payments.created`)
    const jobs = await sql(
      `SELECT j.job_name, i.source_function, count(*)::int AS runs FROM SCHEMA.job_executions j
       JOIN SCHEMA.event_executions e ON e.id = j.event_execution_id JOIN SCHEMA.invocations i ON i.id = j.invocation_id
       WHERE e.event_name = 'payments.created' GROUP BY 1, 2 ORDER BY 3 DESC, 1`,
    )
    await page.getByTestId('module-jobs').waitFor()
    expect(
      (await cells(page, 'module-jobs')).map(row => ({
        job_name: row[0],
        source_function: row[1],
        runs: Number(row[2]),
      })),
    ).toEqual(jobs)
    await page.getByTestId('module-jobs').getByRole('link', { name: 'capturePayment' }).click()
    await page.waitForURL('**/jobs/capturePayment**')
    await page.getByTestId('callers').getByRole('link', { name: 'payments.created' }).click()
    await page.waitForURL('**/modules/payments.created**')
  })

  it('says what it is when a module was not asked in the time, or is not known, or cannot be read', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/modules/noSuchModule`)
    await page.getByText('No module of this name was asked').waitFor()
    await page.goto(`${server.url}/modules/payments.created?from=1600000000000&to=1600003600000`)
    await page.getByText('It was not asked in this time').waitFor()
    await page.getByRole('link', { name: 'Look at when it was' }).click()
    await page.getByTestId('stat-asked').waitFor()
    const restore = await breakQuery(page, 'Modules')
    await page.goto(`${server.url}/modules?from=now-2h`)
    await page.getByText('the disk is full').first().waitFor()
    await restore()
    await page.getByRole('button', { name: 'Retry' }).first().click()
    await page.getByTestId('modules').waitFor()
  })

  it('has no serious finding of axe in light and dark', async () => {
    const { page, server, pageErrors } = dashboard
    for (const [address, parts] of [
      ['/jobs', ['jobs']],
      ['/jobs/capturePayment', ['runs', 'errors']],
      ['/modules/inventory.low', ['reasons', 'reads']],
    ] as const) {
      await page.goto(`${server.url}${address}`)
      for (const part of parts) await page.getByTestId(part).waitFor()
      await expectAccessible(page)
    }
    expect(pageErrors).toEqual([])
  })

  it('fits a narrow screen', async () => {
    const { page, server, pageErrors } = dashboard
    await page.setViewportSize({ width: 390, height: 844 })
    for (const [address, part] of [
      ['/jobs', 'jobs'],
      ['/jobs/capturePayment', 'runs'],
      ['/modules/inventory.low', 'reasons'],
      ['/modules', 'modules'],
    ] as const) {
      await page.goto(`${server.url}${address}`)
      await page.getByTestId(part).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'), address).toBe(true)
    }
    await expectAccessible(page)
    expect(pageErrors).toEqual([])
  })
})
