// `npm run build`: the package's JavaScript and types in dist/, the dashboard, and its components for other applications.
import { chmodSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ensureDashboard, ensureInstalled, root, run } from './prepare.mjs'

await ensureInstalled()
rmSync(path.join(root, 'dist'), { recursive: true, force: true })
await run('npx', ['tsc', '-p', 'tsconfig.build.json'])
chmodSync(path.join(root, 'dist/src/cli/main.js'), 0o755)
await ensureDashboard()
await run('npm', ['run', '--silent', 'build:library', '--workspace', 'dashboard'])
