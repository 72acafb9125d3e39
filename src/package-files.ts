import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// This file runs as src/package-files.ts and, built, as dist/src/package-files.js.
const here = fileURLToPath(new URL('.', import.meta.url))
const packageRoot = [path.join(here, '..'), path.join(here, '../..')].find(folder =>
  existsSync(path.join(folder, 'model')),
)

/** The folder of package.json. */
export const PACKAGE_ROOT = packageRoot ?? process.cwd()
export const MIGRATIONS_DIR = path.join(PACKAGE_ROOT, 'model/migrations')
export const METADATA_DIR = path.join(PACKAGE_ROOT, 'hasura-metadata')
export const DASHBOARD_DIR = path.join(PACKAGE_ROOT, 'dashboard/dist')

/** Of package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }
  return version
}
/** What browsers load from the server to send events. */
export const BROWSER_SNIPPET = path.join(PACKAGE_ROOT, 'browser/observe.js')
