// What `npm start`, `npm test` and the rest need before they can run: installed packages and a built dashboard.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: this needs Node 20.19 or newer.`)
  process.exit(1)
}

/** Installs the packages of package-lock.json unless they are there. */
export async function ensureInstalled() {
  // npm writes this file at the end of an installation.
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  const lock = path.join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('Installing packages (npm ci) …')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** Builds the dashboard unless the build is of just these sources. */
export async function ensureDashboard() {
  const stamp = path.join(root, 'dashboard', 'dist', '.built-from')
  const sources = hashOf([
    'dashboard/src',
    'dashboard/index.html',
    'dashboard/vite.config.ts',
    'dashboard/package.json',
    'package-lock.json',
  ])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return
  console.log('Building the dashboard …')
  await run('npm', ['run', '--silent', 'build', '--workspace', 'dashboard', '--', '--logLevel', 'warn'])
  writeFileSync(stamp, sources)
}

/** Runs a program of this project to its end; rejects when it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const windows = process.platform === 'win32'
    const child = spawn(windows ? `${command}.cmd` : command, args, {
      cwd: root,
      stdio: 'inherit',
      shell: windows,
      ...options,
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else
        reject(
          Object.assign(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`), {
            exitCode: code ?? 1,
          }),
        )
    })
  })
}

function hashOf(places) {
  const hash = createHash('sha256')
  const add = place => {
    const file = path.join(root, place)
    if (!existsSync(file)) return
    if (statSync(file).isDirectory()) {
      for (const name of readdirSync(file).sort()) add(`${place}/${name}`)
    } else {
      hash.update(place).update('\0').update(readFileSync(file)).update('\0')
    }
  }
  for (const place of places) add(place)
  return hash.digest('hex')
}
