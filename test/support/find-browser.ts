import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import chromiumPackage from '@sparticuz/chromium'
import { chromium, type LaunchOptions } from 'playwright-core'

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--force-color-profile=srgb',
]

export interface BrowserFiles {
  executablePath: string
  /** Folder of shared libraries that the browser needs and this machine lacks. */
  libraryPath: string | null
}

/**
 * A headless Chromium that starts on this machine: its own if it has one, else the one from npm, with the shared
 * libraries from there if the machine lacks them. Unpacks into the temporary folder, so call it once for a test run.
 */
export async function findBrowser(): Promise<BrowserFiles> {
  const installed = SYSTEM_BROWSERS.find(file => existsSync(file))
  if (installed) return { executablePath: installed, libraryPath: null }
  const bare = { executablePath: await chromiumPackage.executablePath(), libraryPath: null }
  if (await starts(bare)) return bare
  // Perhaps an unpacking that was cut off before it was complete.
  await rm(bare.executablePath, { force: true })
  const fresh = { executablePath: await chromiumPackage.executablePath(), libraryPath: null }
  if (await starts(fresh)) return fresh
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const folder = path.join(tmpdir(), 'al2023')
  await unpack(path.resolve(entry, '../../../bin/al2023.tar.br'), folder)
  return { ...fresh, libraryPath: path.join(folder, 'lib') }
}

/** The package unpacks its shared libraries by itself only where it believes to be in AWS Lambda. */
async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] })
  const exited = once(tar, 'close')
  await pipeline(createReadStream(archive), createBrotliDecompress(), tar.stdin)
  const [code] = await exited
  if (code !== 0) throw new Error(`tar could not unpack ${archive}: exit code ${code}`)
}

export function launchOptions({ executablePath, libraryPath }: BrowserFiles): LaunchOptions {
  return {
    executablePath,
    args: FLAGS,
    headless: true,
    ...(libraryPath ? { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } as Record<string, string> } : {}),
  }
}

async function starts(files: BrowserFiles): Promise<boolean> {
  try {
    const browser = await chromium.launch(launchOptions(files))
    await browser.close()
    return true
  } catch {
    // What it said matters only when nothing else helps, and then the test's own launch says it again.
    return false
  }
}
