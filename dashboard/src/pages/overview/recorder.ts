/** What the overview shows of `GET /api/recorder`. */
export interface Recorder {
  enabled: boolean
  state: string
  written: number
  bufferedRows: number
  bufferedBytes: number
  lastFlushAt: string | null
  lastError: string | null
  /** Rows lost for whatever reason. */
  dropped: number
  /** Null without a journal. */
  journalBytes: number | null
}

export function parseRecorder(value: unknown): Recorder {
  if (typeof value !== 'object' || value === null) throw new Error('the status of the recorder is no object')
  const status = value as Record<string, unknown>
  const dropped = (status.dropped ?? {}) as Record<string, unknown>
  const journal = status.journal as { bytes?: unknown } | null
  return {
    enabled: status.enabled === true,
    state: typeof status.state === 'string' ? status.state : 'unknown',
    written: toNumber(status.written),
    bufferedRows: toNumber(status.bufferedRows),
    bufferedBytes: toNumber(status.bufferedBytes),
    lastFlushAt: toText(status.lastFlushAt),
    lastError: toText(status.lastError),
    // Of rows whose details were given up, the rows themselves are there.
    dropped: ['bufferFull', 'refused', 'journalRows', 'journalFailed']
      .map(name => toNumber(dropped[name]))
      .reduce((sum, n) => sum + n, 0),
    journalBytes: journal ? toNumber(journal.bytes) : null,
  }
}

function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function toText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return new Date(value).toISOString()
  return null
}
