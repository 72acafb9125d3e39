import { close, fdatasync, ftruncateSync, mkdirSync, open, openSync, write, writeSync } from 'node:fs'
import { readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * What the journal needs of the file system. Tests hand in one whose disk is full. What is rare and touches no data is
 * synchronous: it must also work while the event loop is too busy to hear of an end.
 */
export interface JournalFiles {
  /** Opens a new file for appending. */
  create(file: string): number
  append(descriptor: number, bytes: Buffer): Promise<void>
  appendSync(descriptor: number, bytes: Buffer): void
  sync(descriptor: number): Promise<void>
  /** Makes the names in a folder survive power loss. */
  syncFolder(folder: string): Promise<void>
  truncate(descriptor: number): void
  close(descriptor: number): Promise<void>
  read(file: string): Promise<Buffer>
  /** Puts a file in another's place at once, so that no reader sees half of it. */
  replace(file: string, bytes: Buffer): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(file: string): Promise<void>
  createFolder(folder: string): void
  /** Names in a folder; empty when it is not there. */
  list(folder: string): Promise<string[]>
  removeEmptyFolder(folder: string): Promise<void>
  size(file: string): Promise<number>
  /** When a file or folder was last touched, in milliseconds since 1970. */
  touchedAt(folder: string): Promise<number>
  touch(folder: string): Promise<void>
}

// The callback forms: their promise counterparts (FileHandle) cost several times the CPU of the write itself.
const openFile = promisify(open)
const closeFile = promisify(close)
const syncFile = promisify(fdatasync)

export const nodeFiles: JournalFiles = {
  // Recorded payloads are nobody else's business.
  create: file => openSync(file, 'ax', 0o600),
  append: (descriptor, bytes) =>
    new Promise((resolve, reject) => {
      const next = (offset: number): void => {
        write(descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
          if (error) reject(error)
          else if (offset + written < bytes.length) next(offset + written)
          else resolve()
        })
      }
      next(0)
    }),
  appendSync(descriptor, bytes) {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
  },
  sync: descriptor => syncFile(descriptor),
  async syncFolder(folder) {
    const descriptor = await openFile(folder, 'r')
    await syncFile(descriptor).finally(() => closeFile(descriptor))
  },
  truncate: descriptor => ftruncateSync(descriptor, 0),
  close: descriptor => closeFile(descriptor),
  read: file => readFile(file),
  async replace(file, bytes) {
    const temporary = `${file}.new`
    await writeFile(temporary, bytes, { mode: 0o600 })
    await rename(temporary, file)
  },
  rename: (from, to) => rename(from, to),
  remove: file => rm(file, { force: true }),
  createFolder(folder) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  },
  async list(folder) {
    try {
      return (await readdir(folder)).sort()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  },
  removeEmptyFolder: folder => rmdir(folder),
  size: async file => (await stat(file)).size,
  touchedAt: async folder => (await stat(folder)).mtimeMs,
  touch: folder => utimes(folder, new Date(), new Date()),
}
