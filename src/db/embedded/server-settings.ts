import { totalmem } from 'node:os'
import { MIB } from '../../units.ts'

const MIN_BUFFERS = 128 * MIB
const MAX_BUFFERS = 1024 * MIB

/**
 * What the embedded server runs with besides Postgres' defaults, by the memory this process may use.
 *
 * - `shared_buffers`: a sixteenth of the memory, from 128 MB to 1 GB. Entries for random ids (traces) go to random pages of an
 *   index, and pages that do not fit are written out and read in again, row after row.
 * - `max_wal_size`: 2 GB. After a checkpoint each page is logged whole when it changes first. With the default of 1 GB steady
 *   ingest made one every 15 s, and most of what was written were such pages. What a crash leaves to be read again is at
 *   most this much; `startTimeoutMs` has to be enough for it.
 */
export function serverSettings(memoryBytes: number = availableMemory()): Record<string, string> {
  const buffers = Math.min(Math.max(memoryBytes / 16, MIN_BUFFERS), MAX_BUFFERS)
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    shared_buffers: `${Math.floor(buffers / MIB)}MB`,
    max_wal_size: '2GB',
  }
}

/** Of the machine, or of the container when that has less. */
function availableMemory(): number {
  // 0 or a huge number where there is no limit.
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
