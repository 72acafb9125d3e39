import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { countEvents, storedEvents } from '../server/ingest/support.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const KEY = 'k5Jd0wq81LmZx3Tb'

/** A page as sites have it: calls wait in a list until the library is there. */
const PAGE = `<!doctype html><title>Mugs</title><script>
  const analytics = (window.analytics = [])
  for (const method of ['page', 'identify', 'track', 'group', 'alias', 'screen']) {
    analytics[method] = (...args) => analytics.push([method, ...args])
  }
  analytics.page('Shop', 'Mugs')
  analytics.identify('u-1', { name: 'Ada' })
  analytics.track('Mug Viewed', { sku: 'MUG-1', price: 12.5, tags: ['red', 'big'], stock: 0 })
  analytics.group('g-1', { name: 'Initech' })
  analytics.alias('u-1', 'anon-0')
  analytics.screen('App', 'Cart')
</script><script src="/library.js"></script>`

/**
 * What the library does with the calls: it adds who and where, and sends each at once to its one-letter address, or all
 * together to /b; as text with the key inside, so that browsers do not ask first. What it sends is noted as well.
 */
const LIBRARY = `(() => {
  const api = localStorage.server + '/v1'
  const key = '${KEY}'
  let n = 0
  const note = body => {
    localStorage.notes = JSON.stringify([...JSON.parse(localStorage.notes ?? '[]'), body])
    return JSON.stringify(body)
  }
  const { pathname, href, search } = location
  const place = { path: pathname, referrer: document.referrer, search, title: document.title, url: href }
  function call(type, ...args) {
    const parts = {
      page: ([category, name]) => ({ category, name, properties: { ...place, category, name } }),
      screen: ([category, name]) => ({ category, name, properties: {} }),
      identify: ([userId, traits]) => ({ userId, traits }),
      track: ([event, properties]) => ({ event, properties }),
      group: ([groupId, traits]) => ({ groupId, traits }),
      alias: ([userId, previousId]) => ({ userId, previousId }),
    }
    return {
      timestamp: new Date().toISOString(),
      integrations: {},
      type,
      userId: 'u-1',
      anonymousId: 'a-1',
      ...parts[type](args),
      context: {
        page: place,
        userAgent: navigator.userAgent,
        locale: navigator.language,
        library: { name: 'analytics.js', version: 'next-1.84.3' },
        timezone: 'Europe/Lisbon',
        campaign: { source: 'mail', name: 'spring' },
      },
      messageId: 'ajs-next-' + Date.now() + '-' + n++,
      writeKey: key,
      _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
    }
  }
  const headers = { 'Content-Type': 'text/plain' }
  const post = (path, body, more) => fetch(api + path, { method: 'post', headers, body, ...more })
  const single = (type, ...args) =>
    post('/' + type[0], note({ ...call(type, ...args), sentAt: new Date().toISOString() }), { keepalive: true })
  const batch = calls => {
    const body = { writeKey: key, batch: calls.map(([type, ...args]) => call(type, ...args)), sentAt: new Date().toISOString() }
    for (const item of body.batch) note({ ...item, sentAt: body.sentAt })
    return JSON.stringify(body)
  }
  window.answers = Promise.all(window.analytics.map(args => single(...args))).then(all => all.map(({ status }) => status))
  window.send = {
    batch: calls => post('/b', batch(calls), { keepalive: true }).then(({ status }) => status),
    // Of older libraries: JSON and the key in a header, so that the browser asks first.
    asked: call_ => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('POST', api + '/track')
      request.setRequestHeader('Content-Type', 'application/json')
      request.setRequestHeader('Authorization', 'Basic ' + btoa(key + ':'))
      request.onload = () => resolve(request.status)
      request.onerror = () => reject(new Error('the browser did not let it through'))
      const { writeKey, ...body } = call(...call_)
      request.send(note(body))
    }),
    // While a page goes: as text, and as JSON, for which the browser asks first and sends cookies.
    beacons: (text, json) => {
      addEventListener('pagehide', () => {
        navigator.sendBeacon(api + '/b', batch(text))
        navigator.sendBeacon(api + '/b', new Blob([batch(json)], { type: 'application/json' }))
      })
    },
  }
})()`

describe('analytics.js on a page', () => {
  let pages: PageServer
  let server: TestServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    pages = await startPageServer({
      '/mugs': { type: 'text/html', body: PAGE },
      '/library.js': { type: 'text/javascript', body: LIBRARY },
      '/empty': { type: 'text/html', body: '<!doctype html><title>Empty</title>' },
    })
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
    page = await browser.newPage()
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all([server.stop(), pages.stop()])
  })

  async function open(origin: string): Promise<void> {
    await server.observability.pool.query(`TRUNCATE ${SCHEMA}.events`)
    await page.goto(`${origin}/empty`)
    await page.evaluate(`Object.assign(localStorage, ${JSON.stringify({ server: server.url, notes: '[]' })})`)
    await page.goto(`${origin}/mugs?color=red`)
  }
  // biome-ignore lint/suspicious/noExplicitAny: calls as the page noted them
  const notes = () => page.evaluate<any[]>('JSON.parse(localStorage.notes)')

  it('brings every call into the table as it was made, however it was sent', async () => {
    await open(pages.origin)
    expect(await page.evaluate('answers')).toEqual([200, 200, 200, 200, 200, 200])
    const status = await page.evaluate(
      `send.batch([['track', 'Mug Turned', { degrees: 90 }], ['page', 'Shop', 'Mugs']])`,
    )
    expect(status).toBe(200)
    expect(await page.evaluate(`send.asked(['track', 'Asked First', {}])`)).toBe(200)
    await page.evaluate(`send.beacons([['track', 'Left', { after: 1 }]], [['track', 'Left, too', { after: 2 }]])`)
    await page.goto(`${pages.origin}/empty`)
    const sent = await notes()
    expect(sent).toHaveLength(11)
    await eventually(async () => expect(await countEvents(server)).toBe(11))

    const rows = await storedEvents(server)
    const url = `${pages.origin}/mugs?color=red`
    for (const call of sent) {
      const row = rows.find(({ id }) => id === `segment:${call.messageId}`)
      const isView = call.type === 'page'
      expect(row).toEqual({
        ...{ id: `segment:${call.messageId}`, ns: 'shop', event_source: 'segment' },
        event_type: isView || call.type === 'screen' ? 'page' : 'track',
        event_name:
          { page: 'Shop.page_view', screen: 'App.screen_view', track: call.event }[String(call.type)] ?? call.type,
        timestamp: expect.stringContaining(String(call.timestamp).replace(/0*Z$/, '')),
        ...{ actor_id: 'u-1', actor_type: 'user', anonymous_id: 'a-1' },
        ...{ http_url: url, http_host: '127.0.0.1', http_path: '/mugs', http_query: 'color=red' },
        http_user_agent: call.context.userAgent,
        ...{ page_title: call.name ?? 'Mugs', page_search: '?color=red' },
        ...{ campaign_name: 'spring', campaign_source: 'mail', geo_timezone: 'Europe/Lisbon' },
        ...{ client_type: 'library', client_name: 'analytics.js', client_version: 'next-1.84.3' },
        ...(call.properties ? { properties: call.properties } : {}),
        ...(call.type === 'identify' ? { traits: { name: 'Ada' }, actor_name: 'Ada' } : {}),
        ...(call.type === 'group'
          ? { traits: { name: 'Initech' }, resource_type: 'group', resource_id: 'g-1', resource_name: 'Initech' }
          : {}),
        ...(call.type === 'alias' ? { data: { previous_id: 'anon-0' } } : {}),
        context: call.context,
        attributes: expect.anything(),
      })
    }
  })

  it('is refused on pages of other origins, and the page may not even read the answer', async () => {
    await open(pages.otherOrigin)
    expect(await page.evaluate(`answers.catch(error => error.name)`)).toBe('TypeError')
    expect(await page.evaluate(`send.asked(['track', 'Asked First', {}]).catch(error => error.message)`)).toBe(
      'the browser did not let it through',
    )
    expect(await countEvents(server)).toBe(0)
  })
})
