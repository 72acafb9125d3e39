import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { post } from '../server/ingest/support.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { type PageServer, type ServedFile, startPageServer } from '../support/page-server.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const run = promisify(execFile)
const ROOT = process.cwd()
const PACKAGE = '@hasura-event-detector-observability/dashboard'

const APP = `
import { EventStream, type FeedEvent, TraceWaterfall, type TraceWaterfallSpan } from '${PACKAGE}'
import '${PACKAGE}/styles.css'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

const at = (ms: number) => new Date(1795252800000 + ms).toISOString()
const spans: TraceWaterfallSpan[] = [
  { id: 'a', event_name: 'GET /orders', timestamp: at(0), duration_ms: 100, span_id: '1', service_name: 'api', outcome: 'success' },
  { id: 'b', event_name: 'SELECT orders', timestamp: at(20), duration_ms: 60, span_id: '2', parent_id: '1', outcome: 'error' },
]
function App() {
  const [heard, setHeard] = useState<FeedEvent[]>([])
  const [chosen, setChosen] = useState('none')
  const endpoint = new URLSearchParams(location.search).get('endpoint') ?? undefined
  return (
    <main>
      <button className="button">Our own button</button>
      <EventStream topics={['shop']} maxEvents={2} endpoint={endpoint!} onEvent={event => setHeard(all => [...all, event])} />
      <p id="heard">{heard.map(event => event.event_name).join()}</p>
      <TraceWaterfall spans={spans} totalDuration={200} height={300} onSelect={setChosen} label="One request" />
      <p id="chosen">{chosen}</p>
    </main>
  )
}
createRoot(document.getElementById('root')!).render(<App />)
`
const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'es2022', lib: ['es2022', 'dom'], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx' },
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, types: [] },
  },
  // What every bundler's own types say.
  files: ['app.tsx', 'styles.d.ts'],
}

describe('the components for other applications', () => {
  let folder: string
  let pages: PageServer
  let server: TestServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'library-test-'))
    await install(folder)
    await Promise.all([
      writeFile(path.join(folder, 'app.tsx'), APP),
      writeFile(path.join(folder, 'styles.d.ts'), "declare module '*.css'\n"),
      writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG)),
      writeFile(
        path.join(folder, 'index.html'),
        '<!doctype html><title>App</title><div id="root"></div><script type="module" src="/app.tsx"></script>',
      ),
    ])
    await run(process.execPath, [path.join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
      cwd: folder,
    })
    pages = await startPageServer(await filesOf(path.join(folder, 'dist')))
    const started = await Promise.all([
      startTestServer({
        shop: false,
        shopDbUrl: null,
        endpoint: readServerConfig({ HASURA_GRAPHQL_CORS_DOMAIN: pages.origin }).endpoint,
      }),
      launchBrowser(),
    ])
    server = started[0]
    browser = started[1]
    page = await browser.newPage()
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await Promise.all([server.stop(), pages.stop(), rm(folder, { recursive: true, force: true })])
  })

  it('have types', async () => {
    const { stdout } = await run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder])
    expect(stdout).toBe('')
  }, 120_000)

  it('work in an application of one file, from the package as it is installed', async () => {
    const errors: string[] = []
    page.on('pageerror', error => errors.push(error.message))
    await page.goto(`${pages.origin}/?endpoint=${encodeURIComponent(`${server.url}/api/events`)}`)
    await page.locator('.event-stream[data-status="connected"]').waitFor()
    for (const name of ['first', 'second', 'third']) {
      await post(server, '/api/broadcast', {
        event_type: 'log',
        event_name: name,
        ns: 'shop',
        log_message: `the ${name}`,
      })
      await page.getByText(`the ${name}`).waitFor()
    }
    await eventually(async () => expect(await page.locator('#heard').innerText()).toBe('first,second,third'))
    expect(await page.locator('.event-stream li .event-stream-name').allInnerTexts()).toEqual(['third', 'second'])
    expect(await page.getByRole('status').first().innerText()).toBe('live, 1 older')

    const trace = page
      .getByRole('tree', { name: 'One request' })
      .or(page.getByRole('treegrid', { name: 'One request' }))
    await trace.getByText('SELECT orders').click()
    await eventually(async () => expect(await page.locator('#chosen').innerText()).toBe('b'))
    const bar = await trace.locator('.wf-bar').first().boundingBox()
    const track = await trace.locator('.wf-track').first().boundingBox()
    // 100 of the 200 ms that the axis covers.
    expect((bar?.width ?? 0) / (track?.width ?? 1)).toBeCloseTo(0.5, 1)
    expect(errors).toEqual([])
  })

  it('leave the rest of the page as it is', async () => {
    const own = page.getByRole('button', { name: 'Our own button' })
    expect(await own.evaluate('getComputedStyle(document.querySelector("main > button")).cursor')).toBe('default')
    expect(await page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--surface")')).toBe('')
    const colour = await page.evaluate('getComputedStyle(document.querySelector(".wf")).getPropertyValue("--surface")')
    expect(colour).toMatch(/^#fff/)
  })
})

/** Packs the dashboard's package and puts it into an application beside our React: as `npm install` would, without a network. */
async function install(folder: string): Promise<void> {
  const modules = path.join(folder, 'node_modules')
  const target = path.join(modules, PACKAGE)
  await mkdir(target, { recursive: true })
  await mkdir(path.join(modules, '@types'))
  await run('npm', ['pack', '--silent', '--workspace', 'dashboard', '--pack-destination', folder], { cwd: ROOT })
  const packed = (await readdir(folder)).find(file => file.endsWith('.tgz')) as string
  await run('tar', ['-xzf', path.join(folder, packed), '-C', target, '--strip-components=1'])
  const { dependencies, peerDependencies } = JSON.parse(await readFile(path.join(target, 'package.json'), 'utf8'))
  expect([dependencies, Object.keys(peerDependencies)]).toEqual([undefined, ['react', 'react-dom']])
  for (const name of ['react', 'react-dom', '@types/react', '@types/react-dom']) {
    const ours = path.dirname(createRequire(path.join(ROOT, 'dashboard/package.json')).resolve(`${name}/package.json`))
    await symlink(ours, path.join(modules, name))
  }
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

async function filesOf(folder: string): Promise<Record<string, ServedFile>> {
  const files: Record<string, ServedFile> = {}
  for (const file of await readdir(folder, { recursive: true })) {
    const type = TYPES[path.extname(file)]
    if (type) files[file === 'index.html' ? '/' : `/${file}`] = { type, body: await readFile(path.join(folder, file)) }
  }
  return files
}
