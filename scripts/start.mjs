// `npm start`: everything, from a fresh clone to a running product.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { ensureDashboard, ensureInstalled, root } from './prepare.mjs'

process.chdir(root)
try {
  await ensureInstalled()
  await ensureDashboard()
} catch (error) {
  console.error(`Could not prepare: ${error.message}`)
  process.exit(1)
}
if (existsSync(path.join(root, '.env'))) process.loadEnvFile(path.join(root, '.env'))
// The same process goes on, so that signals reach the server itself.
const { register } = await import('tsx/esm/api')
register()
const { runCli } = await import('../src/cli/run.ts')
await runCli(['start', ...process.argv.slice(2)])
