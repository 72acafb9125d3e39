import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertBigChain } from '../support/big-chain.ts'
import { type Dashboard, expectAccessible, placeOrder, settled, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

describe('the flow of a chain', () => {
  let dashboard: Dashboard

  beforeAll(async () => {
    dashboard = await startDashboard([])
  })
  afterAll(() => dashboard.stop())

  const rootOf = (orderId: string) =>
    eventually(async () => {
      const [row] = await dashboard.sql(
        `SELECT id FROM SCHEMA.invocations WHERE source_record_id = $1 AND source_job_id IS NULL AND source_operation = 'INSERT'`,
        [orderId],
      )
      expect(row).toBeDefined()
      return String(row?.id)
    })
  const places = async () =>
    new Map(
      (await dashboard.page.evaluate(`[...document.querySelectorAll('.react-flow__node')].map(node => {
        const { m41, m42 } = new DOMMatrix(getComputedStyle(node).transform)
        return [node.dataset.id, [m41, m42]]
      })`)) as [string, [number, number]][],
    )
  let root: string

  it('grows by a subscription while it is open, and moves no node out of its lane', async () => {
    const { page, server, sql } = dashboard
    const polled: string[] = []
    const told: string[] = []
    page.on('websocket', socket =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"invocation_chain"')) told.push(String(payload))
      }),
    )
    page.on('request', request => {
      if (request.method() === 'POST' && (request.postData() ?? '').includes('"operationName":"Chain"')) {
        polled.push(request.url())
      }
    })
    root = await rootOf(await placeOrder(server, {}))
    await page.goto(`${server.url}/chains/${root}`)
    await page.locator('.react-flow__node').first().waitFor()
    const first = await places()
    // Read, so that it is there soon; from when a socket gets through on, only told.
    await eventually(() => expect(told.length).toBeGreaterThan(0))
    const reads = polled.length
    await settled(server)
    const [count] = await sql('SELECT count(*)::int AS n FROM SCHEMA.invocation_chain($1)', [root])
    await eventually(async () =>
      expect(await page.locator('.react-flow__node-invocation').count()).toBe(Number(count?.n)),
    )
    expect(polled).toHaveLength(reads)
    const last = await places()
    expect(last.size).toBeGreaterThanOrEqual(first.size)
    for (const [id, [x]] of first) expect(last.get(id)?.[0] ?? x, id).toBe(x)
    expect(last.get(`invocation:${root}`)?.[0]).toBe(first.get(`invocation:${root}`)?.[0])
  })

  it('has no serious finding of axe', async () => {
    await expectAccessible(dashboard.page)
  })

  it('is saved as SVG and as PNG, with every node that is drawn', async () => {
    const { page, sql } = dashboard
    const save = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ])
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
    }
    const svg = await save('Save as SVG')
    expect(svg.name).toMatch(/\.svg$/)
    const text = svg.bytes.toString()
    const jobs = await sql(
      `SELECT DISTINCT job_name AS name FROM SCHEMA.job_executions j
       JOIN SCHEMA.invocation_chain($1) c ON c.id = j.invocation_id`,
      [root],
    )
    expect(jobs.length).toBeGreaterThan(3)
    for (const { name } of jobs) expect(text).toContain(String(name))
    const parsed = (await page.evaluate(
      `(text => {
        const document = new DOMParser().parseFromString(text, 'image/svg+xml')
        const { documentElement: root } = document
        return [root.tagName, document.querySelector('parsererror') === null, Number(root.getAttribute('width'))]
      })(${JSON.stringify(text)})`,
    )) as [string, boolean, number]
    expect(parsed.slice(0, 2)).toEqual(['svg', true])
    const png = await save('Save as PNG')
    expect(png.name).toMatch(/\.png$/)
    expect([...png.bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    // The header says how wide the picture is: twice as sharp as the drawing, where that is not too big.
    const width = png.bytes.readUInt32BE(16)
    expect(width).toBe(Math.round(parsed[2] * Math.min(2, 8_192 / Math.max(parsed[2], 1))))
  })

  it('opens a chain of 5,000 nodes folded, and says how much that is', async () => {
    const { page, server } = dashboard
    const big = await insertBigChain(server.observability.pool, 5_000)
    await page.goto(`${server.url}/chains/${big.rootId}?view=flow`)
    await page.locator('.react-flow__node').first().waitFor()
    const drawn = await page.locator('.react-flow__node').count()
    expect(drawn).toBeGreaterThan(20)
    expect(drawn).toBeLessThanOrEqual(300)
    expect(await page.locator('.react-flow__node-folded').count()).toBeGreaterThan(0)
    await page
      .getByText(/of [\d,]+ nodes/)
      .first()
      .waitFor()
    expect(dashboard.pageErrors).toEqual([])
  })
})
