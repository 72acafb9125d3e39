// The live page in Chromium while 500 events a second are stored, for one minute, or `--seconds=300`: how much its heap has
// grown at the end, after a collection, and whether each event is shown or counted as left or skipped.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { silentLogger } from '../../src/log.ts'
import { MIB, SECOND } from '../../src/units.ts'
import { findBrowser, launchOptions } from '../support/find-browser.ts'
import { readLiveCounts } from '../support/live-counts.ts'
import { BenchProcess } from './support/bench-process.ts'
import { typicalEvent } from './support/live-topics.ts'
import { type Measure, report } from './support/report.ts'

const PER_SECOND = 500
const REQUESTS_PER_SECOND = 10
const MAX_GROWTH_MIB = 30
const seconds = Number(process.argv.find(arg => arg.startsWith('--seconds='))?.split('=')[1] ?? 60)
if (!(seconds > 0)) throw new Error('--seconds is a number')

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-live-page-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
await postgres.ensureDatabase('bench')
const server = await BenchProcess.startSource('ingest-child', [postgres.connectionString('bench'), dataDir])
const url = String(server.greeting)
const browser = await chromium.launch(launchOptions(await findBrowser()))
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.goto(`${url}/live?topic=*`)
await page.locator('[data-testid="live-counts"][data-status="connected"]').waitFor()
const devtools = await page.context().newCDPSession(page)
const heapMib = async (): Promise<number> => {
  await devtools.send('HeapProfiler.collectGarbage')
  return (await devtools.send('Runtime.getHeapUsage')).usedSize / MIB
}
const counts = async () => readLiveCounts(await page.getByTestId('live-counts').innerText())

const before = await heapMib()
const heaps: number[] = []
const startedAt = performance.now()
let sent = 0
for (let request = 0; request < seconds * REQUESTS_PER_SECOND; request++) {
  const events = Array.from({ length: PER_SECOND / REQUESTS_PER_SECOND }, () => typicalEvent(sent++, Date.now()).json)
  const answer = await fetch(`${url}/api/broadcast`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `[${events.join()}]`,
  })
  if (!answer.ok) throw new Error(await answer.text())
  if (request % (30 * REQUESTS_PER_SECOND) === 0) heaps.push(await heapMib())
  const due = startedAt + ((request + 1) * SECOND) / REQUESTS_PER_SECOND
  if (due > performance.now()) await pause(due - performance.now())
}
const elapsed = (performance.now() - startedAt) / SECOND
let last = await counts()
for (let tries = 0; tries < 100 && last.received + last.skipped < sent; tries++) {
  await pause(100)
  last = await counts()
}
const after = await heapMib()

const measures: Measure[] = [
  {
    bench: 'live-page',
    measure: `heap after ${elapsed.toFixed(0)} s and ${sent} events (${(sent / elapsed).toFixed(0)}/s), grown by ${(after - before).toFixed(1)} MiB`,
    value: after,
    unit: 'MiB',
    baseline: 'before the first event',
    baselineValue: before,
    ratio: after / before,
    target: `grown by <= ${MAX_GROWTH_MIB} MiB`,
    holds: after - before <= MAX_GROWTH_MIB,
  },
  {
    bench: 'live-page',
    measure: `events accounted for: ${last.shown} shown, ${last.left} left, ${last.skipped} skipped`,
    value: last.shown + last.left + last.skipped,
    unit: 'events',
    baseline: 'sent',
    baselineValue: sent,
    ratio: (last.shown + last.left + last.skipped) / sent,
    target: '= 1',
    holds: last.shown + last.left + last.skipped === sent,
  },
]
report(measures)
if (!process.argv.includes('--json'))
  console.log(`live-page  heap every 30 s: ${heaps.map(heap => heap.toFixed(1)).join(', ')} MiB`)
await browser.close()
await server.stop()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })
