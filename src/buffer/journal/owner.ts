import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { MINUTE } from '../../units.ts'

/*
 * Processes share a journal folder by each having a folder of its own in it. The name of that folder says who owns it
 * (`<host>~<process id>~<start of the process>~<random>`), so there is no lock file that could be half written, and making the
 * folder is taking the lock.
 */

// A container's process cannot be asked from another one: there the owner lives as long as it touches its folder.
export const TOUCH_INTERVAL_MS = MINUTE / 4
const UNTOUCHED_MS = 2 * MINUTE

export function newOwnerName(): string {
  return [ownHost(), process.pid, startOf(process.pid) ?? '', randomBytes(4).toString('hex')].join('~')
}

/** Whether a folder's owner still runs; null when the name is none of ours. */
export function isOwnerAlive(name: string, touchedAt: number, now: number): boolean | null {
  const [host, pidText, start, random] = name.split('~')
  const pid = Number(pidText)
  if (host === undefined || random === undefined || !Number.isSafeInteger(pid) || pid <= 0) return null
  if (host !== ownHost()) return now - touchedAt < UNTOUCHED_MS
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const running = startOf(pid)
  // Without /proc the process id alone decides: a folder may then wait until that id is free.
  return running === null || start === '' || running === start
}

const ownHost = (): string => hostname().replaceAll(/[^\w.-]/g, '_')

/** Field 22 of /proc/<pid>/stat, in clock ticks since the machine started; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the program's name in brackets, may contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Killed, but nobody has asked for its exit code yet: it keeps its id and will not write again.
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? null)
  } catch {
    return null
  }
}
