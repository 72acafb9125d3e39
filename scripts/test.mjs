// `npm test`: every test, from a fresh clone. Ends with a plain line `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureDashboard, ensureInstalled, run } from './prepare.mjs'

await ensureInstalled()
await ensureDashboard()

const folder = mkdtempSync(path.join(tmpdir(), 'observability-results-'))
const results = path.join(folder, 'results.json')
let exitCode = 0
try {
  await run('npx', [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ])
} catch (error) {
  exitCode = error.exitCode ?? 1
}
try {
  const { numPassedTests, numFailedTests, numPendingTests, success } = JSON.parse(readFileSync(results, 'utf8'))
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''
  // A file that does not even load fails the run without failing a test.
  const failed = numFailedTests === 0 && !success ? 1 : numFailedTests
  console.log(`${numPassedTests} passed, ${failed} failed${skipped}`)
  if (!success) exitCode ||= 1
} catch (error) {
  console.error(`The test runner left no results: ${error.message}`)
  exitCode ||= 1
}
rmSync(folder, { recursive: true, force: true })
process.exit(exitCode)
