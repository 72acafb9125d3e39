import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../src/db/embedded/cluster-files.ts'
import { eventually } from '../support/eventually.ts'

interface Started {
  child: ChildProcess
  output: () => string
  /** Resolves with the address of the ready line; rejects when the program ends before. */
  ready: Promise<string>
  exit: Promise<number | null>
}

describe('npm start', () => {
  let dataDir: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'start-test-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
    const pid = await postmasterPid()
    if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGQUIT')
    await rm(dataDir, { recursive: true, force: true })
  })

  function start(env: Record<string, string> = {}): Started {
    const child = spawn(process.execPath, ['scripts/start.mjs'], {
      env: { ...process.env, PORT: '0', DATA_DIR: dataDir, DEMO_ORDERS_PER_MINUTE: '0', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    let output = ''
    const exit = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
    const ready = new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk
        const address = /^ready (http:\S+)$/m.exec(output)?.[1]
        if (address) resolve(address)
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      void exit.then(code => reject(new Error(`ended with ${code}:\n${output}`)))
    })
    ready.catch(() => {}) // Not every test waits for it.
    return { child, output: () => output, ready, exit }
  }
  const postmasterPid = async (): Promise<number | null> => {
    const text = await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => null)
    return text === null ? null : Number.parseInt(text, 10)
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('is ready, and leaves no process after %s', async signal => {
    const program = start()
    const address = await program.ready
    expect(await (await fetch(`${address}/healthz`)).text()).toBe('OK')
    const pid = (await postmasterPid()) as number
    expect(isAlive(pid)).toBe(true)
    program.child.kill(signal)
    expect(await program.exit).toBe(0)
    expect(program.output()).toMatch(/stopping …\nstopped\n$/)
    expect(isAlive(pid)).toBe(false)
  })

  it('says plainly that it already runs, and leaves the first one alone', async () => {
    const first = start()
    const address = await first.ready
    const second = start()
    expect(await second.exit).toBe(1)
    expect(second.output()).toContain(`already running at ${address} (process ${first.child.pid})`)
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
  })

  it('starts after it was killed, without help', async () => {
    const first = start()
    await first.ready
    const pid = await postmasterPid()
    first.child.kill('SIGKILL')
    await first.exit
    const second = start()
    const address = await second.ready
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    expect(await postmasterPid()).not.toBe(pid)
  })

  it('takes a signal that arrives twice at once for one', async () => {
    const program = start()
    await program.ready
    program.child.kill('SIGINT')
    program.child.kill('SIGINT')
    expect(await program.exit).toBe(0)
    expect(program.output()).toMatch(/stopped\n$/)
  })

  it('takes Postgres with it when it ends without having been asked', async () => {
    // A program that starts Postgres and then fails.
    const script = `
      import { startEmbeddedPostgres } from './src/db/embedded.ts'
      import { silentLogger } from './src/log.ts'
      const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, logger: silentLogger })
      console.log('pid', postgres.pid)
      process.exit(3)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
    })
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(3)
    const pid = Number(/pid (\d+)/.exec(output)?.[1])
    await eventually(() => expect(isAlive(pid)).toBe(false))
  })

  it('names a taken port and how to choose another', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => squatter.once('listening', resolve))
    const { port } = squatter.address() as { port: number }
    const program = start({ PORT: String(port) })
    expect(await program.exit).toBe(1)
    expect(program.output()).toContain(`port ${port} is taken by another program`)
    squatter.close()
  })

  it('lists every mistake in the environment at once', async () => {
    const program = start({ PORT: 'eighty', LOG_LEVEL: 'loud' })
    expect(await program.exit).toBe(1)
    expect(program.output()).toMatch(/PORT: got "eighty".*\n.*LOG_LEVEL: got "loud"/)
    expect(program.output()).not.toContain('    at ')
  })

  it('can be stopped while it starts', async () => {
    const program = start()
    await new Promise<void>(resolve => {
      program.child.stdout?.on('data', () => {
        if (program.output().includes('Starting Postgres')) resolve()
      })
    })
    program.child.kill('SIGINT')
    expect(await program.exit).toBe(0)
    const pid = await postmasterPid()
    expect(pid === null || !isAlive(pid)).toBe(true)
  })
})
