import type { JournalFiles } from './files.ts'
import { JournalFolder } from './folder.ts'
import { createSegment, type Segment } from './segment.ts'

export interface ActiveSegment {
  segment: Segment
  descriptor: number
}

/** The files of this process's journal, the oldest first; the active one is being written. */
export class Segments {
  readonly folder: JournalFolder
  readonly #files: JournalFiles
  readonly #failed: (error: unknown) => void
  #all: Segment[] = []
  #active: ActiveSegment | null = null
  #folderOpen = false
  #removals: Promise<void> = Promise.resolve()

  /** `failed` hears of files that cannot be emptied or removed. */
  constructor(directory: string, files: JournalFiles, failed: (error: unknown) => void) {
    this.folder = new JournalFolder(directory, files)
    this.#files = files
    this.#failed = failed
  }

  get all(): readonly Segment[] {
    return this.#all
  }

  get active(): ActiveSegment | null {
    return this.#active
  }

  get bytes(): number {
    return this.#all.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  get folderOpen(): boolean {
    return this.#folderOpen
  }

  /** Makes the folder, if it is not there. */
  openFolder(): void {
    if (this.#folderOpen) return
    this.folder.create()
    this.#folderOpen = true
  }

  /** Begins a new file. */
  open(): ActiveSegment {
    this.openFolder()
    const segment = createSegment(this.folder.nextFile())
    const descriptor = this.#files.create(segment.file)
    this.#all.push(segment)
    this.#active = { segment, descriptor }
    return this.#active
  }

  /** Closes the active file; the next write begins another. */
  async seal(): Promise<void> {
    const active = this.#active
    if (!active) return
    this.#active = null
    await this.#files.close(active.descriptor)
  }

  /** Takes over files of processes that are gone: they are older than all others. */
  adopt(segments: readonly Segment[]): void {
    this.#all.unshift(...segments)
  }

  /** Leaves a file on disk and forgets it. */
  leave(segment: Segment): void {
    this.#all = this.#all.filter(other => other !== segment)
  }

  remove(segment: Segment): void {
    this.leave(segment)
    this.#removals = Promise.all([this.#removals, this.#files.remove(segment.file)]).then(
      () => {},
      error => this.#failed(error),
    )
  }

  /**
   * Removes files all of whose rows are committed. The active one is emptied, unless rows are on their way to it, so that an
   * idle process leaves nothing to replay: rows of long ago might be past their retention.
   */
  removeDone(isWriting: boolean): void {
    for (const segment of this.#all) {
      if (segment.live > 0 || segment.spilled || segment.busy) continue
      if (segment !== this.#active?.segment) this.remove(segment)
      else if (segment.bytes > 0 && !isWriting) this.#empty(this.#active)
    }
  }

  /** Closes everything; the folder goes when nothing is left in it. */
  async close(): Promise<void> {
    await this.seal()
    await this.#removals
    if (this.#folderOpen) await this.folder.close()
    this.#folderOpen = false
  }

  #empty({ segment, descriptor }: ActiveSegment): void {
    try {
      this.#files.truncate(descriptor)
      segment.bytes = 0
      segment.done.clear()
    } catch (error) {
      this.#failed(error)
    }
  }
}
