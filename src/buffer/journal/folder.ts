import path from 'node:path'
import type { JournalFiles } from './files.ts'
import { isOwnerAlive, newOwnerName } from './owner.ts'
import { createSegment, type Segment } from './segment.ts'

const EXTENSION = '.journal'

/** This process's own folder in the journal's directory. */
export class JournalFolder {
  readonly path: string
  readonly #directory: string
  readonly #files: JournalFiles
  #lastNumber = 0

  constructor(directory: string, files: JournalFiles) {
    this.#directory = directory
    this.#files = files
    this.path = path.join(directory, newOwnerName())
  }

  create(): void {
    this.#files.createFolder(this.path)
  }

  /** Takes over what processes that are gone have left in their folders, oldest first. */
  async adopt(now: number): Promise<{ segments: Segment[]; failures: unknown[] }> {
    const segments: Segment[] = []
    const failures: unknown[] = []
    for (const name of await this.#files.list(this.#directory)) {
      const folder = path.join(this.#directory, name)
      if (folder === this.path) continue
      try {
        if (isOwnerAlive(name, await this.#files.touchedAt(folder), now) !== false) continue
        segments.push(...(await this.#adoptFrom(folder)))
      } catch (error) {
        // Else another starter was faster. What cannot be taken over stays for somebody who can.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failures.push(error)
      }
    }
    return { segments, failures }
  }

  nextFile(): string {
    return path.join(this.path, `${String(++this.#lastNumber).padStart(8, '0')}${EXTENSION}`)
  }

  touch(): Promise<void> {
    return this.#files.touch(this.path)
  }

  /** Removes the folder if nothing is left in it. */
  async close(): Promise<void> {
    if ((await this.#files.list(this.path)).length === 0) {
      await this.#files.removeEmptyFolder(this.path).catch(ignoreMissing)
    }
  }

  // Moves file by file: of two starters that see the same dead process, each file goes to one.
  async #adoptFrom(folder: string): Promise<Segment[]> {
    const adopted: Segment[] = []
    for (const name of await this.#files.list(folder)) {
      const from = path.join(folder, name)
      if (!name.endsWith(EXTENSION)) {
        // Half of a file that was to replace another one, which is still there.
        await this.#files.remove(from)
        continue
      }
      const to = this.nextFile()
      try {
        await this.#files.rename(from, to)
      } catch (error) {
        ignoreMissing(error)
        continue
      }
      const [bytes, sinceMs] = await Promise.all([this.#files.size(to), this.#files.touchedAt(to)])
      adopted.push(createSegment(to, { bytes, sinceMs, spilled: true, adopted: true }))
    }
    await this.#files.removeEmptyFolder(folder).catch(ignoreMissing)
    return adopted
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
