// `npm run dev`: the server, and the dashboard from Vite with hot reload in front of it.
import { spawn } from 'node:child_process'
import { ensureInstalled, root } from './prepare.mjs'

await ensureInstalled()
const server = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, stdio: 'inherit' })
const vite = spawn('npm', ['run', 'dev', '--workspace', 'dashboard'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
// Both get the terminal's Ctrl-C themselves; if one ends by itself, the other has no purpose.
let stopping = false
server.once('exit', code => {
  vite.kill()
  process.exitCode = code ?? 0
})
vite.once('exit', () => {
  if (!stopping) server.kill('SIGINT')
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopping = true
    if (signal === 'SIGTERM') server.kill('SIGTERM')
  })
}
