import { execFile } from 'node:child_process'
import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { ObservabilityError } from '../../errors.ts'

/** A user of the operating system to run Postgres as: Postgres refuses to run as root. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
}

/** Where files go that the system user needs when the project itself lies out of its reach. Only root writes here. */
export const PRIVATE_STATE_DIR = '/var/lib/hasura-observability'

const run = promisify(execFile)

/**
 * The user to run Postgres as; null means "as we are" (not root). As root it is `postgres`, made as a system user
 * when the machine has none.
 */
export async function systemUser(): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null
  const existing = await lookUp('postgres')
  if (existing) return existing
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--user-group', 'postgres']],
    ['adduser', ['-S', '-D', '-H', 'postgres']], // BusyBox
  ]
  const failures: unknown[] = []
  for (const [command, args] of attempts) {
    try {
      await run(command, args)
      const made = await lookUp('postgres')
      if (made) return made
    } catch (error) {
      failures.push(error)
    }
  }
  throw new ObservabilityError(
    'EMBEDDED_POSTGRES_FAILED',
    'Postgres does not run as root, and no system user "postgres" could be made: start as another user, or create that user first',
    { cause: new AggregateError(failures) },
  )
}

async function lookUp(name: string): Promise<SystemUser | null> {
  const passwd = await readFile('/etc/passwd', 'utf8')
  const fields = passwd
    .split('\n')
    .map(line => line.split(':'))
    .find(entry => entry[0] === name)
  return fields ? { name, uid: Number(fields[2]), gid: Number(fields[3]) } : null
}

/** Whether `user` may read `file` and enter every folder above it. */
export async function canReach(file: string, user: SystemUser): Promise<boolean> {
  const real = await realpath(file)
  const allows = async (target: string, bits: number): Promise<boolean> => {
    const { mode, uid, gid } = await stat(target)
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
    return ((mode >> shift) & bits) === bits
  }
  if (!(await allows(real, 0o4))) return false
  for (let folder = path.dirname(real); ; folder = path.dirname(folder)) {
    if (!(await allows(folder, 0o1))) return false
    if (folder === path.dirname(folder)) return true
  }
}
