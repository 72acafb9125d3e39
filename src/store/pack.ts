import { type BinaryColumn, COPY_HEADER, COPY_TRAILER } from '../db/copy-binary.ts'
import { quoteIdent } from '../db/identifiers.ts'
import { readBinaryRows } from '../db/read-binary-rows.ts'
import type { TableCopy } from './copy.ts'
import type { StoreRecord } from './store-record.ts'
import { type TableName, WRITE_ORDER } from './tables.ts'

/** Rows of one table, as the bytes that COPY takes. */
export interface PackPart {
  readonly table: TableName
  /** The same array for every part of a table. */
  readonly columns: readonly BinaryColumn[]
  readonly bytes: Uint8Array
}

/**
 * Ended rows that were never written, kept as the bytes that bring them to the database, outside of the heap. Where that
 * fails they are read back and go the way of all other rows.
 */
export class Pack {
  readonly parts: readonly PackPart[]
  readonly rows: number
  readonly bytes: number
  /** The deliveries whose row changes are among the rows, and when those were, in milliseconds since 1970. */
  readonly changes: readonly { readonly key: string; readonly atMs: number }[]
  /** A write of it failed and may have worked all the same. */
  isDoubtful = false

  constructor(parts: readonly PackPart[], rows: number, changes: Pack['changes']) {
    this.parts = parts
    this.rows = rows
    this.bytes = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.changes = changes
  }

  records(): StoreRecord[] {
    return this.parts.flatMap(({ table, columns, bytes }) =>
      // The columns of a table are its rows'.
      Array.from(readBinaryRows(columns, bytes), row => ({ table, row }) as object as StoreRecord),
    )
  }
}

/** What brings packs to the database: a COPY for each table. */
export function copyPacks(schema: string, packs: readonly Pack[]): TableCopy[] {
  return WRITE_ORDER.flatMap(table => {
    const parts = packs.flatMap(pack => pack.parts.filter(part => part.table === table))
    const [first] = parts
    if (!first) return []
    const names = first.columns.map(({ name }) => quoteIdent(name)).join(', ')
    return {
      table,
      sql: `COPY ${quoteIdent(schema)}.${quoteIdent(table)} (${names}) FROM STDIN (FORMAT binary)`,
      chunks: [COPY_HEADER, ...parts.map(({ bytes }) => bytes), COPY_TRAILER],
    }
  })
}

/** Records, and the rows of packs as records; where a pack has an older version of a record, it is left out. */
export function unpacked(packs: readonly Pack[], records: readonly StoreRecord[]): readonly StoreRecord[] {
  if (packs.length === 0) return records
  const newer = new Set(records.map(({ row }) => row.id))
  const older = packs.flatMap(pack => pack.records()).filter(({ row }) => !newer.has(row.id))
  return [...older, ...records]
}
