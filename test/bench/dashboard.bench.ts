// What the reader of a large chain waits for: the dashboard in a real Chromium, on a real server and Postgres. Compared with
// an empty page and a bare list of the same browser in the same run, because frames depend on the machine first.
//   --json          one JSON object a line
//   --only=<part>   size, waterfall, large or flow
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { formatCount } from '../../dashboard/src/model/names.ts'
import { readServerConfig } from '../../src/config.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { startServer } from '../../src/server/main.ts'
import { type BigChain, insertBigChain } from '../support/big-chain.ts'
import { findBrowser, launchOptions } from '../support/find-browser.ts'
import { firstLoadKib, MAX_FIRST_LOAD_KIB } from '../support/first-load.ts'
import { BARE_LIST, frames, longestTask, observe, percentile, shown, slowestInteraction } from './support/page-times.ts'
import { type Measure, report } from './support/report.ts'

const SCROLLABLE_MS = 1_500
const FRAME_MS = 20
const MAX_ROWS = 450
const INTERACTION_MS = 100
const LONG_TASK_MS = 200
const MIN_FPS = 45
const FOLDED_MS = 1_000
const SCROLL_MS = 4_000
// What a notch of a mouse's wheel scrolls in Chromium, and a screen of rows.
const NOTCH_PX = 100
const LEAF_PX = 700
const only = process.argv.find(arg => arg.startsWith('--only='))?.slice('--only='.length)
const wants = (part: string): boolean => only === undefined || only.split(',').includes(part)

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-dashboard-'))
const postgres = await startEmbeddedPostgres({ dataDir: path.join(dataDir, 'postgres'), logger: silentLogger })
await postgres.ensureDatabase('observability')
await postgres.ensureDatabase('shop')
const observabilityDbUrl = postgres.connectionString('observability')
const server = await startServer({
  config: {
    ...readServerConfig({}),
    port: 0,
    dataDir,
    observabilityDbUrl,
    shopDbUrl: postgres.connectionString('shop'),
    demoOrdersPerMinute: 0,
  },
  logger: silentLogger,
})
const pool = createPool({ connectionString: observabilityDbUrl, max: 2 })
const browser = await chromium.launch(launchOptions(await findBrowser()))
const measures: Measure[] = []

function add(measure: string, value: number, unit: string, limit: number, baseline?: [string, number]): void {
  const [words, baselineValue] = baseline ?? ['what it may be', limit]
  const atLeast = unit === 'frames/s'
  measures.push({
    bench: 'dashboard',
    measure,
    value,
    unit,
    baseline: words,
    baselineValue,
    ratio: value / baselineValue,
    target: `${atLeast ? '>=' : '<='} ${limit}`,
    holds: atLeast ? value >= limit : value <= limit,
  })
}

async function newPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await observe(page)
  return page
}

async function open(page: Page, address: string, selector: string): Promise<number> {
  await page.goto(server.url + address, { waitUntil: 'commit' })
  return shown(page, selector)
}

/** Frames of a page that draws nothing: what this machine can do now. */
async function idleFrames(): Promise<number[]> {
  const page = await newPage()
  await page.goto('data:text/html,<p>nothing</p>')
  const times = await frames(page, 2_000)
  await page.close()
  return times
}

/** Frames of as many rows as fit, scrolled as fast, that are one text each and are written anew without any library. */
async function bareListFrames(): Promise<number[]> {
  const page = await newPage()
  await page.setContent(BARE_LIST)
  const times = await frames(page, 2_000, { selector: '#scroller', step: LEAF_PX })
  await page.close()
  return times
}

async function scrolled(chain: BigChain): Promise<void> {
  const bare = percentile(await bareListFrames(), 95)
  const page = await newPage()
  // The first visit fills the caches of the browser and the server, as on any day but the first.
  await open(page, `/chains/${chain.rootId}?view=waterfall`, '.wf-row')
  const opened = await open(page, `/chains/${chain.rootId}?view=waterfall`, '.wf-row')
  add(`${chain.spans} spans: scrollable after`, opened, 'ms', SCROLLABLE_MS)
  for (const [how, step] of Object.entries({
    'scrolling a notch of the wheel each frame': NOTCH_PX,
    'leafing a screen each frame': LEAF_PX,
  })) {
    const times = await frames(page, SCROLL_MS, { selector: '.wf-scroller', step })
    const name = `${chain.spans} spans: frame while ${how}, p95`
    add(name, percentile(times, 95), 'ms', FRAME_MS, ['a bare list that is leafed', bare])
  }
  add(`${chain.spans} spans: rows in the DOM`, await page.locator('.wf-row').count(), 'rows', MAX_ROWS)
  await page.locator('.wf-grid').focus()
  for (const key of ['j', 'j', 'ArrowDown', 'End', 'Home', 'e', 'ArrowLeft', 'ArrowRight']) {
    await page.keyboard.press(key)
    await page.waitForTimeout(150)
  }
  await page.locator('.wf-row').nth(5).click()
  await page.waitForTimeout(500)
  const slowest = await slowestInteraction(page)
  add(`${chain.spans} spans: slowest interaction (${slowest.name})`, slowest.ms, 'ms', INTERACTION_MS)
  await page.close()
}

async function windowed(chain: BigChain): Promise<void> {
  const page = await newPage()
  const first = await open(page, `/chains/${chain.rootId}?view=waterfall`, '.wf-row')
  add(`${chain.spans} spans: first rows after`, first, 'ms', SCROLLABLE_MS)
  await page.getByText(`${formatCount(chain.spans)} spans`, { exact: true }).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(1_000)
  const longest = await longestTask(page)
  add(`${chain.spans} spans: longest task until all are there`, longest, 'ms', LONG_TASK_MS)
  add(`${chain.spans} spans: rows in the DOM`, await page.locator('.wf-row').count(), 'rows', MAX_ROWS)
  await page.close()
}

async function panned(chain: BigChain): Promise<void> {
  const idle = await idleFrames()
  const page = await newPage()
  await open(page, `/chains/${chain.rootId}`, '.react-flow__node')
  await page.waitForTimeout(1_000)
  const drawn = await page.locator('.react-flow__node').count()
  const pane = await page.locator('.react-flow__pane').boundingBox()
  if (!pane) throw new Error('the flow is not there')
  const measured = frames(page, 3_000)
  const [x, y] = [pane.x + pane.width / 2, pane.y + 8]
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (let step = 0; step < 180; step++) {
    await page.mouse.move(x + 300 * Math.sin(step / 12), y + 150 * Math.sin(step / 9))
    await page.waitForTimeout(12)
  }
  await page.mouse.up()
  const fps = (times: number[]): number => 1_000 / (times.reduce((sum, ms) => sum + ms, 0) / times.length)
  add(`flow of ${drawn} nodes: while panning`, fps(await measured), 'frames/s', MIN_FPS, ['an empty page', fps(idle)])
  await page.close()
}

async function folded(chain: BigChain): Promise<void> {
  const page = await newPage()
  await open(page, `/chains/${chain.rootId}`, '.react-flow__node')
  const opened = await open(page, `/chains/${chain.rootId}`, '.react-flow__node')
  add(`chain of ${chain.spans} nodes: opens folded after`, opened, 'ms', FOLDED_MS)
  add(`chain of ${chain.spans} nodes: nodes drawn`, await page.locator('.react-flow__node').count(), 'nodes', 300)
  await page.close()
}

try {
  if (wants('size')) add('first load: JavaScript, compressed', firstLoadKib(), 'KiB', MAX_FIRST_LOAD_KIB)
  if (wants('waterfall')) await scrolled(await insertBigChain(pool, 50_000))
  if (wants('flow')) {
    // Of the twelve spans of an invocation four are drawn: the modules that said no are one line.
    await panned(await insertBigChain(pool, (150 / 4) * 12))
    await folded(await insertBigChain(pool, 5_000))
  }
  if (wants('large')) await windowed(await insertBigChain(pool, 250_000))
  report(measures)
} finally {
  await browser.close()
  await pool.end()
  await server.stop()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
}
