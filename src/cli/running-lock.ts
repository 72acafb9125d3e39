import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ObservabilityError } from '../errors.ts'

interface Owner {
  pid: number
  /** When the process was started, in the kernel's words: a process id alone may have been given to another program. */
  startedAt: string | null
  url: string
}

export interface RunningLock {
  /** Tells those who come later where this one answers. */
  setUrl(url: string): Promise<void>
  release(): Promise<void>
}

/**
 * Makes this process the only one that runs on a data directory. Throws ALREADY_RUNNING with the other's address; a lock
 * whose process is gone (killed) is taken over.
 */
export async function acquireRunningLock(dataDir: string, url: string): Promise<RunningLock> {
  await mkdir(dataDir, { recursive: true })
  const file = path.join(dataDir, 'server.json')
  const own: Owner = { pid: process.pid, startedAt: await startTime(process.pid), url }
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(file, JSON.stringify(own), { flag: 'wx' })
      return {
        setUrl: address => writeFile(file, JSON.stringify({ ...own, url: address })),
        release: () => rm(file, { force: true }),
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = await readOwner(file)
    if (attempt > 0 || (owner && (await isRunning(owner)))) {
      throw new ObservabilityError(
        'ALREADY_RUNNING',
        `already running at ${owner?.url ?? 'an unknown address'} (process ${owner?.pid ?? 'unknown'}) on ${dataDir}. Open that address, stop that process, or set DATA_DIR and PORT to run a second one`,
      )
    }
    await rm(file, { force: true })
  }
}

/** The address of the server that runs on a data directory; null when none does. */
export async function findRunningServer(dataDir: string): Promise<string | null> {
  const owner = await readOwner(path.join(dataDir, 'server.json'))
  return owner && (await isRunning(owner)) ? owner.url : null
}

async function readOwner(file: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readFile(file, 'utf8'))
    return typeof owner?.pid === 'number' ? owner : null
  } catch {
    // Half-written when its process was killed, or gone in this moment: nobody holds it.
    return null
  }
}

async function isRunning(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const startedAt = await startTime(owner.pid)
  return startedAt === null || owner.startedAt === null || startedAt === owner.startedAt
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since the machine started; null where there is no /proc. */
async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // The second field, the program's name in brackets, may contain spaces and brackets.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
