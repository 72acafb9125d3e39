// `npm run bench [-- name] [--json]`: every bench under test/bench, or the named one.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, root, run } from './prepare.mjs'

await ensureInstalled()
const args = process.argv.slice(2)
const wanted = args.filter(arg => !arg.startsWith('-'))
const flags = args.filter(arg => arg.startsWith('-'))
const benches = readdirSync(path.join(root, 'test/bench'))
  .filter(file => file.endsWith('.bench.ts'))
  .map(file => file.slice(0, -'.bench.ts'.length))
const unknown = wanted.filter(name => !benches.includes(name))
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}; there are: ${benches.join(', ')}`)
  process.exit(1)
}
for (const name of wanted.length > 0 ? wanted : benches) {
  await run(process.execPath, ['--import', 'tsx', `test/bench/${name}.bench.ts`, ...flags])
}
