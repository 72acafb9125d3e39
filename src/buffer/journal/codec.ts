import type { Entry } from '../row-buffer.ts'

/** How the journal handles rows whose kind it does not know. */
export interface JournalCodec<Row> {
  /** JSON text of a row: no raw line breaks. */
  encode(row: Row): string
  /** Null when the text is not a row. Gets what was on disk, perhaps by an older version of the program. */
  decode(text: string): Entry<Row> | null
  /** Of two versions of a row the one with the greater text is the newer. */
  version(row: Row): string
  /**
   * The row with less in it, for when the journal is full. `rows`: null when the row itself is detail (a line of output).
   * `fields`: without its long values. The same object when there is nothing to take.
   */
  withoutDetail(row: Row, what: 'rows' | 'fields'): Row | null
}
