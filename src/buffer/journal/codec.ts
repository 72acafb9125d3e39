import type { Entry } from '../row-buffer.ts'

/** Many rows at once, as bytes. */
export interface Block {
  /** JSON of what is needed to read them: no raw line breaks. */
  head: string
  bytes: readonly Uint8Array[]
}

/** How the journal handles rows whose kind it does not know. What is `Read` from disk is always single rows. */
export interface JournalCodec<Row, Read extends Row = Row> {
  /** JSON text of a row: no raw line breaks; of what stands for many rows their block. */
  encode(row: Row): string | Block
  /** Null when the text is not a row. Gets what was on disk, perhaps by an older version of the program. */
  decode(text: string): Entry<Read> | null
  /** The same of a block. */
  decodeBlock(head: string, bytes: Buffer): Entry<Read>[] | null
  /** Of two versions of a row the one with the greater text is the newer. */
  version(row: Row): string
  /**
   * The row with less in it, for when the journal is full. `rows`: null when the row itself is detail (a line of output).
   * `fields`: without its long values. The same object when there is nothing to take.
   */
  withoutDetail(row: Read, what: 'rows' | 'fields'): Read | null
}
