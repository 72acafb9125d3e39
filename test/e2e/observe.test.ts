import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { BROWSER_SNIPPET } from '../../src/package-files.ts'
import { countEvents, storedEvents } from '../server/ingest/support.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { type PageServer, type ServedFile, startPageServer } from '../support/page-server.ts'
import { SCHEMA } from '../support/postgres.ts'
import { type Relay, startRelay } from '../support/relay.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const KEY = 'k5Jd0wq81LmZx3Tb'
const html = (body: string): ServedFile => ({ type: 'text/html; charset=utf-8', body: `<!doctype html>${body}` })
const library = (name: string, file: string): ServedFile => {
  // A package's files beside its main one are not all exported.
  const folder = path.dirname(createRequire(import.meta.url).resolve(name))
  return { type: 'text/javascript', body: readFileSync(path.join(folder, file)) }
}

/** Everything on one page; what is given to the snippet is also noted in localStorage, which outlives the page. */
const SHOP = html(`<title>Shop</title><link rel="stylesheet" href="/shop.css?v=1">
  <h1>Mugs for Ada Lovelace</h1><img src="/mug.svg?owner=ada" width="400" height="300">
  <input id="name" placeholder="Your name"><button id="buy">Buy</button><p id="late"></p>
  <script type="module">
    import * as vitals from '/web-vitals.js'
    import { record } from '/rrweb.js'
    const { masked, observe } = await import(localStorage.server + '/observe.js')
    const note = (kind, item) => {
      const notes = JSON.parse(localStorage.notes ?? '[]')
      localStorage.notes = JSON.stringify([...notes, { kind, item: JSON.parse(JSON.stringify(item)) }])
    }
    const options = JSON.parse(localStorage.options ?? '{}')
    const observer = observe({ ns: 'shop.web', apiKey: '${KEY}', ...options })
    for (const on of [vitals.onLCP, vitals.onFCP, vitals.onTTFB, vitals.onINP, vitals.onCLS]) {
      observer.whenAllowed(() => on(({ entries, ...metric }) => {
        note('vital', metric)
        observer.vital({ entries, ...metric })
      }))
    }
    observer.whenAllowed(() => record({ ...masked, emit: event => {
      note('replay', event)
      observer.replay(event)
    } }))
    observer.whenAllowed(observer.resources)
    document.querySelector('#buy').onclick = () => { document.querySelector('#late').textContent = 'Thank you, Ada' }
    setTimeout(() => document.querySelector('h1').insertAdjacentHTML('beforebegin', '<div style="height:200px">sale</div>'), 50)
    window.observer = observer
    document.body.dataset.ready = 'true'
  </script>`)

const FILES: Readonly<Record<string, ServedFile>> = {
  '/shop': SHOP,
  '/empty': html('<title>Empty</title>'),
  '/shop.css': { type: 'text/css', body: 'body { font: 16px sans-serif }' },
  '/mug.svg': {
    type: 'image/svg+xml',
    body: '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300"/></svg>',
  },
  '/web-vitals.js': library('web-vitals', 'web-vitals.attribution.js'),
  '/rrweb.js': library('rrweb', 'rrweb.js'),
}

interface Note {
  kind: 'vital' | 'replay'
  // biome-ignore lint/suspicious/noExplicitAny: what the libraries report, as JSON
  item: any
}

describe('/observe.js in a browser', () => {
  let pages: PageServer
  let server: TestServer
  let relay: Relay
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let failures: string[]

  beforeAll(async () => {
    pages = await startPageServer(FILES)
    const started = await Promise.all([
      startTestServer({
        shop: false,
        shopDbUrl: null,
        ingest: readServerConfig({
          OBSERVABILITY_API_KEYS: `web:ingest:shop:${KEY}`,
          INGEST_ORIGINS: pages.origin,
        }).ingest,
      }),
      launchBrowser(),
    ])
    server = started[0]
    browser = started[1]
    relay = await startRelay(server.url)
  })
  afterAll(async () => {
    await browser.close()
    await relay.stop()
    await Promise.all([server.stop(), pages.stop()])
  })
  beforeEach(async () => {
    await server.observability.pool.query(`TRUNCATE ${SCHEMA}.events`)
    context = await browser.newContext()
    page = await context.newPage()
    failures = []
    page.on('pageerror', error => failures.push(error.message))
  })
  afterEach(async () => {
    expect(failures).toEqual([])
    await context.close()
  })

  /** Opens the shop and waits until it listens. */
  async function open(options: object = {}, { origin = pages.origin, query = '' } = {}): Promise<void> {
    await page.goto(`${origin}/empty`)
    const known = { server: server.url, options: JSON.stringify(options) }
    await page.evaluate(`Object.assign(localStorage, ${JSON.stringify(known)})`)
    await page.goto(`${origin}/shop${query}`)
    await page.locator('body[data-ready]').waitFor()
  }
  const stored = (type: string) => storedEvents(server, `event_type = '${type}'`)
  const sessionOf = () => page.evaluate<string | null>('observer.sessionId')
  const notes = async (kind: Note['kind']) =>
    (await page.evaluate<Note[]>('JSON.parse(localStorage.notes ?? "[]")'))
      .filter(note => note.kind === kind)
      .map(note => note.item)

  it('brings web vitals, the replay and the resources of a page into the table, also when the page is left', async () => {
    const begun = Date.now()
    await open({}, { query: '?email=ada@example.com#token' })
    const session = await sessionOf()
    await page.locator('#name').pressSequentially('Ada King', { delay: 5 })
    await page.locator('#buy').click()
    await page.getByText('Thank you').waitFor()
    const resources = await page.evaluate<Record<string, number | string>[]>(
      `performance.getEntriesByType('resource').filter(({ name }) => !name.includes('/api/ingest')).map(entry => entry.toJSON())`,
    )
    // CLS and INP are reported only now, while the page goes.
    await page.goto(`${pages.origin}/empty`)
    const [vitals, replayed] = [await notes('vital'), await notes('replay')]
    expect(vitals.map(({ name }) => name).sort()).toEqual(['CLS', 'FCP', 'INP', 'LCP', 'TTFB'])
    expect(replayed.length).toBeGreaterThan(10)
    await eventually(async () => {
      expect(await countEvents(server)).toBe(vitals.length + replayed.length + resources.length)
    })

    const where = {
      ns: 'shop.web',
      session_id: session,
      http_url: `${pages.origin}/shop`,
      http_host: '127.0.0.1',
      http_path: '/shop',
      http_user_agent: await page.evaluate('navigator.userAgent'),
    }
    const rows = await stored('vital')
    for (const metric of vitals) {
      const { id: _, timestamp, attributes, ...row } = rows.find(({ vital_name }) => vital_name === metric.name) ?? {}
      const { attribution } = metric
      const element = attribution.target ?? attribution.interactionTarget ?? attribution.largestShiftTarget
      const plain = Object.entries(attribution).filter(([, value]) => typeof value !== 'object')
      expect(row).toEqual({
        ...where,
        event_type: 'vital',
        event_name: metric.name,
        event_source: 'web-vitals',
        vital_name: metric.name,
        vital_value: metric.value,
        vital_rating: metric.rating,
        vital_delta: metric.delta,
        nav_type: metric.navigationType,
        ...(metric.name === 'CLS' ? {} : { duration_ms: metric.value }),
        ...(element === undefined ? {} : { vital_element: element }),
        ...(attribution.loadState === undefined ? {} : { vital_load_state: attribution.loadState }),
        data: {
          metric_id: metric.id,
          attribution: {
            ...Object.fromEntries(plain),
            ...(attribution.url === undefined ? {} : { url: attribution.url.split('?')[0] }),
          },
        },
      })
      expect(attributes).toBeUndefined()
      expect(Date.parse(String(timestamp))).toBeGreaterThanOrEqual(begun)
      expect(Date.parse(String(timestamp))).toBeLessThanOrEqual(Date.now())
    }

    const replays = (await stored('replay')).sort((a, b) => Number(a.replay_sequence) - Number(b.replay_sequence))
    expect(replays.map(row => [row.replay_sequence, row.replay_type])).toEqual(
      replayed.map(({ type }, n) => [
        n,
        ['DomContentLoaded', 'Load', 'FullSnapshot', 'IncrementalSnapshot', 'Meta'][type],
      ]),
    )
    for (const [n, event] of replayed.entries()) {
      const row = replays[n] ?? {}
      expect(row).toMatchObject({ ...where, event_source: 'rrweb' })
      expect(Date.parse(String(row.timestamp))).toBe(event.timestamp)
      expect(row.replay_timestamp_offset).toBe(event.timestamp - startOf(replays[0]))
      const data = event.data.href ? { ...event.data, href: `${pages.origin}/shop` } : event.data
      expect(JSON.parse(String(row.replay_data ?? '{}'))).toEqual(data)
      expect(row.attributes).toBeUndefined()
    }

    const snippets = await stored('snippet')
    for (const entry of resources) {
      const url = String(entry.name).split('?')[0]
      // Two may begin at one time.
      const row = snippets.find(each => each.snippet_start_time === entry.startTime && each.http_url === url) ?? {}
      expect(row).toMatchObject({
        ns: 'shop.web',
        session_id: session,
        event_name: `${entry.initiatorType}.request`,
        http_url: url,
        http_referrer: `${pages.origin}/shop`,
        http_status: entry.responseStatus,
        duration_ms: entry.duration,
        snippet_initiator: entry.initiatorType,
      })
      // Of another origin the browser tells no sizes.
      if (Number(entry.requestStart) > 0) {
        expect(row).toMatchObject({
          snippet_transfer_size: entry.transferSize,
          snippet_decoded_size: entry.decodedBodySize,
          http_response_size: entry.encodedBodySize,
          snippet_ttfb: expect.closeTo(Number(entry.responseStart) - Number(entry.requestStart), 6),
        })
      }
      expect(row).not.toHaveProperty('attributes.url')
    }
    // Nothing of what was typed, of what the page says, and of what addresses say after the question mark. (A replay has the
    // page's attributes, and so the addresses of its images.)
    const all = JSON.stringify(await storedEvents(server))
    for (const personal of ['ada@example.com', 'token', 'Lovelace', 'King', 'Thank you']) {
      expect(all.includes(personal), personal).toBe(false)
    }
    expect(JSON.stringify(snippets)).not.toContain('owner=ada')
  })

  it('keeps what a network that is away would lose, and sends it once', async () => {
    await open()
    await page.evaluate('observer.flush()')
    await context.setOffline(true)
    await page.locator('#buy').click()
    await page.evaluate('observer.flush()')
    const before = await countEvents(server)
    await context.setOffline(false)
    await eventually(async () => {
      const sent = (await notes('replay')).length
      expect((await stored('replay')).length).toBe(sent)
    })
    expect(await countEvents(server)).toBeGreaterThan(before)
    expect(await page.evaluate('observer.dropped')).toBe(0)
  })

  it('leaves to the next page of the visit what the last one could not send', async () => {
    // Browsers do not let a page send more than this while it goes.
    relay.refuses = body => body.length > 64 * 1024
    await open({ endpoint: `${relay.url}/api/ingest` })
    const session = await sessionOf()
    await page.evaluate(`document.querySelector('#late').innerHTML = '<b class="${'x'.repeat(40)}">a</b>'.repeat(1000)`)
    await eventually(async () => expect(JSON.stringify(await notes('replay')).length).toBeGreaterThan(100_000))
    await eventually(() => expect(relay.refused).toBeGreaterThan(0))
    await page.goto(`${pages.origin}/empty`)
    expect((await stored('replay')).length).toBeLessThan((await notes('replay')).length)
    relay.refuses = () => false
    await page.goto(`${pages.origin}/shop`)
    await page.locator('body[data-ready]').waitFor()
    expect(await sessionOf()).toBe(session)
    await eventually(async () => {
      const [vitals, replays] = [await notes('vital'), await notes('replay')]
      expect((await stored('replay')).length).toBe(replays.length)
      expect((await stored('vital')).length).toBe(vitals.length)
    })
    expect(new Set((await stored('replay')).map(row => row.session_id))).toEqual(new Set([session]))
  })

  it('does nothing before the user agrees, and nothing after they change their mind', async () => {
    const requests: string[] = []
    page.on('request', request => {
      if (request.url().includes('/api/ingest')) requests.push(request.url())
    })
    await open({ consent: false })
    await page.locator('#buy').click()
    await page.evaluate('observer.flush()')
    expect([requests, await sessionOf(), await page.evaluate('sessionStorage.length')]).toEqual([[], null, 0])
    expect(await notes('replay')).toEqual([])

    await page.evaluate('observer.consent(true)')
    await eventually(async () => {
      await page.evaluate('observer.flush()')
      expect((await stored('replay')).map(row => row.replay_type)).toContain('FullSnapshot')
      expect((await stored('vital')).map(row => row.vital_name)).toContain('FCP')
      expect((await stored('snippet')).length).toBeGreaterThan(3)
    })
    await page.evaluate('observer.flush()')
    const [known, asked] = [await countEvents(server), requests.length]
    await page.evaluate('observer.consent(false)')
    await page.locator('#name').fill('anything')
    await page.goto(`${pages.origin}/empty`)
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect([await countEvents(server), requests.length]).toEqual([known, asked])

    // What the browser itself says counts, unless the page has asked the user.
    await context.addInitScript('Object.defineProperty(navigator, "globalPrivacyControl", { value: true })')
    await open()
    expect(await sessionOf()).toBe(null)
  })

  it('is refused to pages of other origins and without a key, and says so once', async () => {
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    await open({ apiKey: 'not-the-key-0123456789' })
    await page.evaluate('observer.flush()')
    await page.locator('#buy').click()
    await page.evaluate('observer.flush()')
    await eventually(() => expect(said.filter(text => text.startsWith('observe.js:'))).toHaveLength(1))
    expect(said.find(text => text.startsWith('observe.js:'))).toMatch(/items were refused: .*the API key is not known/)
    expect(await page.evaluate('observer.dropped')).toBeGreaterThan(0)

    await open({}, { origin: pages.otherOrigin })
    await page.evaluate('observer.flush()')
    expect(await countEvents(server)).toBe(0)
  })

  it('is small on its way', async () => {
    const response = await fetch(`${server.url}/observe.js`, { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe(readFileSync(BROWSER_SNIPPET, 'utf8'))
    expect(gzipSync(readFileSync(BROWSER_SNIPPET), { level: 9 }).length).toBeLessThan(4_608)
  })
})

/** When the visit began, by what its first replay event says of itself. */
function startOf(row: Record<string, unknown> | undefined): number {
  return Date.parse(String(row?.timestamp)) - Number(row?.replay_timestamp_offset)
}
