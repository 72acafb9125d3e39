import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { percentDelta } from '../../dashboard/src/model/delta.ts'
import { type Dashboard, expectAccessible, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the overview', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([{}, { scenario: 'payment_declined' }, { scenario: 'cancelled' }])
  })
  afterAll(() => dashboard.stop())

  const stat = (name: string) => dashboard.page.getByTestId(`stat-${name}`).locator('.stat-value').innerText()

  it('counts what SQL counts, and each number leads to as many rows', async () => {
    const { page, server, sql } = dashboard
    await page.goto(server.url)
    await page.getByTestId('stat-invocations').waitFor()
    const [truth] = await sql(
      `SELECT count(*)::int AS total, count(*) FILTER (WHERE status IN ('failed', 'timeout', 'lost'))::int AS failed,
         sum(events_detected_count)::int AS events, sum(total_jobs_failed)::int AS jobs_failed FROM SCHEMA.invocations`,
    )
    expect(Number(truth?.total)).toBeGreaterThan(20)
    expect(Number(truth?.jobs_failed)).toBeGreaterThan(0)
    expect(await stat('invocations')).toBe(String(truth?.total))
    expect(await stat('failed')).toBe(String(truth?.failed))
    expect(await stat('events')).toBe(String(truth?.events))
    expect(await stat('jobs-failed')).toBe(String(truth?.jobs_failed))
    expect(await stat('stuck')).toBe('0')
    expect(await stat('lost')).toBe('0')

    for (const [name, where, says] of [
      ['invocations', '/invocations', `\\b${truth?.total} invocation`],
      ['failed', '/invocations', `\\b${truth?.failed} invocation`],
      ['stuck', '/invocations', '^0 invocation'],
      ['lost', '/invocations', '^0 invocation'],
      ['jobs-failed', '/jobs', `runs, ${truth?.jobs_failed} failed$`],
      ['events', '/modules', `, ${truth?.events} detected$`],
    ] as const) {
      await page.goto(server.url)
      await page.getByTestId(`stat-${name}`).click()
      await page.waitForURL(`**${where}**`)
      await eventually(async () =>
        expect(await page.getByTestId('list-count').innerText(), name).toMatch(new RegExp(says)),
      )
    }
  })

  it('compares with the equal window right before, and says when there is none', async () => {
    const { page, server, sql } = dashboard
    await page.goto(server.url)
    await page.getByText('nothing before').first().waitFor()
    // The shop was quiet before: what happened is moved there by looking at a window that begins in its middle.
    const [times] = await sql(
      `SELECT (extract(epoch FROM min(created_at)) * 1000)::float8 AS first, (extract(epoch FROM max(created_at)) * 1000)::float8 AS last
       FROM SCHEMA.invocations`,
    )
    const first = Number(times?.first)
    const last = Number(times?.last)
    const middle = Math.round((first + last) / 2)
    const from = middle
    const to = Math.ceil(last) + 1
    await page.goto(`${server.url}/?from=${from}&to=${to}`)
    const [counts] = await sql(
      `SELECT count(*) FILTER (WHERE ms >= $1 AND ms < $2)::int AS now,
         count(*) FILTER (WHERE ms >= $1 - ($2 - $1) AND ms < $1)::int AS before
       FROM (SELECT extract(epoch FROM created_at) * 1000 AS ms FROM SCHEMA.invocations) t`,
      [from, to],
    )
    const now = Number(counts?.now)
    const before = Number(counts?.before)
    expect(now).toBeGreaterThan(0)
    expect(before).toBeGreaterThan(0)
    await eventually(async () => expect(await stat('invocations')).toBe(String(now)))
    // How many there were in each half depends on the machine.
    await eventually(async () =>
      expect(await page.getByTestId('stat-invocations').locator('.stat-delta').innerText()).toBe(
        percentDelta(now, before)?.text,
      ),
    )
  })

  it('shows rate, errors and duration of each function, and which jobs fail', async () => {
    const { page, server, sql } = dashboard
    await page.goto(server.url)
    const functions = await sql(
      `SELECT source_function AS name, count(*)::int AS n FROM SCHEMA.invocations GROUP BY 1 ORDER BY 1`,
    )
    const shown = await eventually(async () => {
      const rows = await page
        .getByTestId('functions')
        .locator('tbody tr')
        .evaluateAll(trs => trs.map(tr => [...tr.children].map(cell => cell.textContent ?? '')))
      expect(rows).toHaveLength(functions.length)
      return rows
    })
    expect(
      shown
        .map(cells => ({ name: cells[0], n: Number(cells[2]) }))
        .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '')),
    ).toEqual(functions)
    const jobs = await sql(
      `SELECT job_name, count(*)::int AS n FROM SCHEMA.job_executions WHERE status = 'failed' GROUP BY 1`,
    )
    expect(jobs).toHaveLength(1)
    const row = page.getByTestId('failing-jobs').locator('tbody tr')
    await eventually(async () => expect(await row.count()).toBe(1))
    expect(await row.innerText()).toContain(String(jobs[0]?.job_name))
    await row
      .getByRole('link', { name: String(jobs[0]?.n), exact: false })
      .last()
      .click()
    await page.waitForURL(`**/jobs/${jobs[0]?.job_name}?**status=failed**`)
    await eventually(async () =>
      expect(await page.getByTestId('runs').locator('tbody tr').count()).toBe(Number(jobs[0]?.n)),
    )
    // The way back leads to the overview as it was.
    await page.goBack()
    await page.getByTestId('functions').waitFor()
  })

  it('says how the recorder is doing', async () => {
    const { page, server, sql } = dashboard
    await sql('UPDATE SCHEMA.instances SET heartbeat_at = now()')
    await page.goto(server.url)
    const recorder = page.getByTestId('recorder')
    await recorder.waitFor()
    await eventually(async () => {
      const text = await recorder.innerText()
      expect(text).toMatch(/Waiting to be written\s+0 rows/)
      expect(text).toMatch(/Given up\s+none/)
      expect(text).toMatch(/Processes that record\s+1/)
    })
    // A process that was killed has not said that it ends.
    await sql("UPDATE SCHEMA.instances SET heartbeat_at = now() - interval '1 hour'")
    await page.reload()
    await eventually(async () =>
      expect(await recorder.innerText()).toMatch(/Processes that record\s+none now\s.*1 h ago/),
    )
  })

  it('names a chain that fires itself again and again', async () => {
    const { page, server, sql } = dashboard
    // Five updates of one row, each caused by a job of the one before.
    await sql(`DO $$
      DECLARE
        root uuid := SCHEMA.uuid_v7_at(now() - interval '1 minute');
        invocation uuid; job uuid; cause uuid; n integer;
      BEGIN
        FOR n IN 1 .. 5 LOOP
          invocation := CASE WHEN n = 1 THEN root ELSE SCHEMA.uuid_v7_at(now() - interval '1 minute' + n * interval '1 second') END;
          job := SCHEMA.uuid_v7_at(now() - interval '1 minute' + n * interval '1 second' + interval '100 milliseconds');
          INSERT INTO SCHEMA.invocations (id, created_at, correlation_id, source_function, source_table, source_operation, source_record_id,
            source_job_id, changed_columns, status) VALUES (invocation, now() - interval '1 minute' + n * interval '1 second', root, 'looping',
            'public.counters', 'UPDATE', '7', cause, '["value"]', 'completed');
          INSERT INTO SCHEMA.job_executions (id, created_at, invocation_id, event_execution_id, correlation_id, job_name, status)
          VALUES (job, now(), invocation, invocation, root, 'again', 'completed');
          cause := job;
        END LOOP;
      END $$`)
    await page.goto(server.url)
    const loop = page.getByTestId('loops').locator('li')
    await loop.waitFor()
    expect(await loop.innerText()).toMatch(/counters[\s\S]*5 times/)
    await loop.getByRole('link').click()
    await page.waitForURL('**/chains/**')
    await sql(`DELETE FROM SCHEMA.job_executions WHERE job_name = 'again'`)
    await sql(`DELETE FROM SCHEMA.invocations WHERE source_function = 'looping'`)
  })

  it('keeps what was read when a panel cannot be read any more, and reads it again when asked', async () => {
    const { page, server } = dashboard
    let broken = true
    await page.route('**/v1/graphql', async route => {
      const isFunctions = (route.request().postData() ?? '').includes('OverviewFunctions')
      if (broken && isFunctions) await route.fulfill({ json: { errors: [{ message: 'the view is being rebuilt' }] } })
      else await route.continue()
    })
    await page.goto(server.url)
    const panel = page.getByRole('region', { name: 'Functions' })
    await panel.getByText('the view is being rebuilt').waitFor()
    await panel.getByText('OverviewFunctions').waitFor()
    // The rest of the page lives on.
    await page.getByTestId('stat-invocations').waitFor()
    broken = false
    await panel.getByRole('button', { name: 'Retry' }).click()
    await page.getByTestId('functions').waitFor()
    await page.unroute('**/v1/graphql')
  })

  it('says what to do when nothing was recorded in the time', async () => {
    const { page, server } = dashboard
    await page.goto(`${server.url}/?from=1600000000000&to=1600003600000`)
    await page.getByText('No invocations in this time').first().waitFor()
    await page.getByText('No job failed in this time').waitFor()
    expect(await stat('invocations')).toBe('0')
  })

  it('has no serious finding of axe in light and dark', async () => {
    const { page, server, pageErrors } = dashboard
    await page.goto(server.url)
    await page.getByTestId('functions').waitFor()
    await page.locator('.recharts-bar').first().waitFor()
    await expectAccessible(page)
    expect(pageErrors).toEqual([])
  })
})
