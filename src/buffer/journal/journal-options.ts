import type { JournalCodec } from './codec.ts'
import type { JournalFiles } from './files.ts'

export interface JournalOptions<Row> {
  directory: string
  /** Most bytes on disk. Beyond, detail goes first, then rows, the oldest first. */
  maxBytes: number
  /** Wait for the disk after each write: survives power loss too, and costs the disk a flush for each. */
  fsync: boolean
  codec: JournalCodec<Row>
  /** The first of a series of failures. Recording goes on in memory. */
  onFailure: (error: unknown) => void
  onRecovered: () => void
  /**
   * Appends what has changed and was only touch()ed: what has ended and what has run for longer than a write's delay, or with
   * `all` everything. Returns whether something is left.
   */
  collect?: (all: boolean) => boolean
  files?: JournalFiles
}

export interface JournalStatus {
  state: 'closed' | 'open' | 'failing'
  bytes: number
  segments: number
  /** Segments with rows that wait on disk only. */
  waitingSegments: number
  /** Rows taken over from processes that are gone. */
  replayed: number
  /** Rows that memory had no room for and that were read back. */
  readBack: number
  /** Damaged lines that were left out. */
  skipped: number
  /** Failed operations on files. */
  errors: number
}

/** Rows lost because the journal was full, or could not be written when memory had no room. */
export interface JournalDrops {
  journalDetailRows: number
  journalDetailFields: number
  journalRows: number
  journalFailed: number
}
