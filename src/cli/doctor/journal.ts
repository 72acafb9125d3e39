import { randomBytes } from 'node:crypto'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isOwnerAlive } from '../../buffer/journal/owner.ts'
import { messageOf } from '../../errors.ts'
import { MIB } from '../../units.ts'
import { action, counted, type Finding, note, ok } from './finding.ts'

interface OwnerFolder {
  isAlive: boolean
  files: number
  bytes: number
}

/**
 * Looks at a `journalDir`: whether it can be written, and what processes that are gone have left in it. `maxBytes` is
 * what one process may fill.
 */
export async function examineJournal(directory: string, maxBytes: number): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    const probe = path.join(directory, `.doctor-${randomBytes(6).toString('hex')}`)
    await writeFile(probe, 'x', { flag: 'wx' })
    await rm(probe)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [note('journal', `${directory} does not exist (yet)`, 'the first process that uses it makes it')]
    }
    findings.push(
      action(
        'journal',
        `cannot be written: ${messageOf(error)}`,
        'give its processes the right, or make room on its disk',
      ),
    )
  }
  const owners = await readOwners(directory)
  const bytes = owners.reduce((sum, owner) => sum + owner.bytes, 0)
  const left = owners.filter(owner => !owner.isAlive && owner.files > 0)
  if (left.length > 0) {
    const files = left.reduce((sum, owner) => sum + owner.files, 0)
    findings.push(
      action(
        'journal',
        `${counted(files, 'file')} (${megabytes(left.reduce((sum, owner) => sum + owner.bytes, 0))}) of processes that are gone: their rows may not be in the database`,
        `start a process that uses ${directory}: it writes them`,
      ),
    )
  }
  const full = owners.filter(owner => owner.isAlive && owner.bytes > maxBytes / 2).length
  if (full > 0) {
    findings.push(
      action(
        'journal',
        `of ${counted(full, 'process')}${full === 1 ? '' : 'es'} more than half full: the database is away or too slow`,
        'see what getStatus().lastError says there; beyond journalMaxBytes rows are given up',
      ),
    )
  }
  if (findings.length === 0) {
    findings.push(ok('journal', `${directory} can be written and holds ${megabytes(bytes)}`))
  }
  return findings
}

// <directory>/<database>.<schema>/<owner>/<number>.journal
async function readOwners(directory: string): Promise<OwnerFolder[]> {
  const owners: OwnerFolder[] = []
  for (const database of await folders(directory)) {
    for (const name of await folders(path.join(directory, database))) {
      const folder = path.join(directory, database, name)
      // Gone in this moment: its process has ended well, or another one has taken over.
      const touched = await stat(folder).catch(() => null)
      const isAlive = touched && isOwnerAlive(name, touched.mtimeMs, Date.now())
      if (isAlive === null) continue
      const files = (await readdir(folder).catch(() => [])).filter(file => file.endsWith('.journal'))
      const sizes = await Promise.all(
        files.map(async file => (await stat(path.join(folder, file)).catch(() => null))?.size ?? 0),
      )
      owners.push({ isAlive, files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) })
    }
  }
  return owners
}

async function folders(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
}

const megabytes = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MB`
