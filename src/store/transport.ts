import type { WriteBeat } from './instance.ts'
import type { Packer } from './packer.ts'
import type { WriteBatch } from './write-batch.ts'

/** A way to the database. */
export interface Transport {
  write: WriteBatch
  /** Makes the packs that `write` takes; null when it takes none. */
  packer: Packer | null
  beat: WriteBeat
  /** Closes its connections; the next write opens others. */
  close(): Promise<void>
}
