/** One file of the journal. */
export interface Segment {
  readonly file: string
  bytes: number
  /** When it was begun, in milliseconds since 1970; of one from a process that is gone, when it was last written. */
  readonly sinceMs: number
  /** Rows whose newest version is in this file and that memory holds too: not committed yet. */
  live: number
  /** Holds rows that memory does not hold; it is to be read back. */
  spilled: boolean
  /** Keys whose version in this file is committed or was replaced by one in another file. */
  readonly done: Set<string>
  /** What the size limit has taken from it: nothing, rows that are detail, or also the detail of rows. */
  thinned: 0 | 1 | 2
  /** Came from a process that is gone. */
  readonly adopted: boolean
  /** Being read back or rewritten, so not to be removed. */
  busy: boolean
}

export function createSegment(file: string, changes: Partial<Segment> = {}): Segment {
  return {
    file,
    bytes: 0,
    sinceMs: Date.now(),
    live: 0,
    spilled: false,
    done: new Set(),
    thinned: 0,
    adopted: false,
    busy: false,
    ...changes,
  }
}
