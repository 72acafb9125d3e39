// `npm run screenshots`: every page in light, dark and narrow into docs/images, on the example shop's data.
// `npm run screenshots -- overview invocations` takes only these; SCREENSHOT_URL takes them from a server that runs.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { findBrowser, launchOptions } from '../test/support/find-browser.ts'
import { PAGES } from './screenshot-pages.ts'
import { startShownServer } from './shown-server.ts'

const TARGET = process.env.SCREENSHOT_DIR ?? 'docs/images'
const LOOKS = [
  { name: 'light', theme: 'light', width: 1440, height: 900 },
  { name: 'dark', theme: 'dark', width: 1440, height: 900 },
  { name: 'narrow', theme: 'light', width: 390, height: 844 },
] as const

/** What the server says where it asks who people are. */
const LOGGED_OUT = { required: true, canLogIn: true, role: null }

const wanted = process.argv.slice(2)
const pages = PAGES.filter(page => wanted.length === 0 || wanted.includes(page.name))
if (pages.length === 0) throw new Error(`no such page; there are ${PAGES.map(page => page.name).join(', ')}`)

await mkdir(TARGET, { recursive: true })
const server = await startShownServer(process.env.SCREENSHOT_URL ?? null)
const browser = await chromium.launch(launchOptions(await findBrowser()))
try {
  for (const look of LOOKS) {
    const context = await browser.newContext({
      viewport: { width: look.width, height: look.height },
      deviceScaleFactor: look.name === 'narrow' ? 2 : 1,
      colorScheme: look.theme,
      reducedMotion: 'reduce',
    })
    await context.addInitScript({ content: `localStorage.setItem('observability.theme', '${look.theme}')` })
    const page = await context.newPage()
    for (const { name, address, ready, loggedOut } of pages) {
      if (loggedOut) await page.route('**/session', route => route.fulfill({ json: LOGGED_OUT }))
      await page.goto(`${server.url}${await address(server.query)}`)
      if (name === 'live') {
        await page.locator('[data-testid="live-counts"][data-status="connected"]').waitFor({ timeout: 20_000 })
        await server.stir()
      }
      await page.locator(ready).first().waitFor({ timeout: 20_000 })
      await settle(page)
      const file = path.join(TARGET, `${name}-${look.name}.png`)
      await page.screenshot({ path: file })
      console.log(file)
      if (loggedOut) await page.unroute('**/session')
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.stop()
}

/** Nothing is a skeleton any more, and charts have been drawn. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(`document.querySelector('[data-testid="skeleton"]') === null`, undefined, {
    timeout: 20_000,
  })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  await page.waitForTimeout(400)
}
