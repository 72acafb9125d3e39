import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { messageOf, ObservabilityError } from '../../errors.ts'
import type { Binaries } from './binaries.ts'
import { canReach, PRIVATE_STATE_DIR, type SystemUser } from './system-user.ts'

/** The files of one database cluster. */
export interface ClusterFiles {
  /** Postgres' own data directory. */
  directory: string
  /** Of the superuser `postgres`. */
  password: string
  logFile: string
}

const run = promisify(execFile)

/**
 * Finds the cluster of a data directory, or makes it. A cluster is made under another name and renamed when complete,
 * so a crash in between leaves nothing half-made behind.
 */
export async function prepareCluster(
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | null,
): Promise<ClusterFiles> {
  await mkdir(dataDir, { recursive: true })
  if (user) await chmod(dataDir, 0o711) // Its own folder is inside; the names in ours stay unreadable.
  const place = path.join(dataDir, 'postgres')
  const passwordFile = path.join(dataDir, 'postgres.password')
  if ((await lstat(path.join(place, 'PG_VERSION')).catch(() => null)) === null) {
    await rm(place, { recursive: true, force: true })
    await makeCluster(place, passwordFile, dataDir, binaries, user)
  }
  return {
    directory: await realpath(place),
    password: (await readFile(passwordFile, 'utf8')).trim(),
    logFile: path.join(dataDir, 'postgres.log'),
  }
}

async function makeCluster(
  place: string,
  passwordFile: string,
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | null,
): Promise<void> {
  const outOfReach = user !== null && !(await canEnter(dataDir, user))
  if (outOfReach) await mkdir(PRIVATE_STATE_DIR, { recursive: true, mode: 0o755 })
  const directory = await mkdtemp(outOfReach ? path.join(PRIVATE_STATE_DIR, 'data-') : `${place}.new-`)
  const password = randomBytes(24).toString('base64url')
  // initdb reads the password from a file, as the user that it runs as.
  const secretDir = await mkdtemp(path.join(tmpdir(), 'hasura-observability-'))
  const secret = path.join(secretDir, 'password')
  try {
    await writeFile(secret, `${password}\n`, { mode: 0o600 })
    if (user) {
      await chown(directory, user.uid, user.gid)
      await chown(secretDir, user.uid, user.gid)
      await chown(secret, user.uid, user.gid)
    }
    await run(
      binaries.initdb,
      [
        `--pgdata=${directory}`,
        '--username=postgres',
        `--pwfile=${secret}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Built into Postgres: the same order of text on every machine, whatever locales it has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-instructions',
      ],
      { env: postgresEnvironment(), cwd: '/', ...(user ? { uid: user.uid, gid: user.gid } : {}) },
    )
  } catch (cause) {
    await rm(directory, { recursive: true, force: true })
    throw new ObservabilityError('EMBEDDED_POSTGRES_FAILED', `initdb failed: ${messageOf(cause)}`, { cause })
  } finally {
    await rm(secretDir, { recursive: true, force: true })
  }
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (outOfReach) await symlink(directory, place)
  else await rename(directory, place)
}

async function canEnter(directory: string, user: SystemUser): Promise<boolean> {
  // A folder need not be readable to be passed through, so ask for a file that would be inside.
  const probe = path.join(directory, `.reach-${process.pid}`)
  await writeFile(probe, '', { mode: 0o644 })
  await chmod(probe, 0o644)
  try {
    return await canReach(probe, user)
  } finally {
    await rm(probe, { force: true })
  }
}

/** The few variables a Postgres process gets: nothing of ours leaks into it. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * The process id of a server that still runs on this cluster, left behind by a program that was killed; null when there
 * is none. A stale pid file whose number now belongs to another program is removed: Postgres would refuse to start.
 */
export async function findLeftoverServer(directory: string): Promise<number | null> {
  const file = path.join(directory, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null
  if (await isServerOf(pid, directory)) return pid
  await rm(file, { force: true })
  return null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isServerOf(pid: number, directory: string): Promise<boolean> {
  if (process.platform === 'linux') {
    // A Postgres server works inside its data directory.
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === directory
  }
  if (process.platform === 'win32') return true
  const { stdout } = await run('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({ stdout: '' }))
  return stdout.includes(directory)
}
