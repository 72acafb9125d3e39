import type { WriteBeat } from './instance.ts'
import type { WriteBatch } from './write-batch.ts'

/** A way to the database. */
export interface Transport {
  write: WriteBatch
  beat: WriteBeat
  /** Closes its connections; the next write opens others. */
  close(): Promise<void>
}
