import type { Block } from '../buffer/journal/codec.ts'
import type { BinaryColumn } from '../db/copy-binary.ts'
import { readBinaryRows } from '../db/read-binary-rows.ts'
import type { Pack } from './pack.ts'
import type { StoreRecord } from './store-record.ts'
import { COLUMNS, type PostgresType, type TableName } from './tables.ts'

/** One part of a pack: its table, its columns as they were written, and how many bytes it has. */
type PartHead = readonly [table: string, columns: readonly (readonly [name: string, type: string])[], bytes: number]

// By the columns, which are the same array for every part of a table.
const columnTexts = new WeakMap<readonly BinaryColumn[], string>()

/** How a pack lies in the journal. Row changes stay out: they are made again of their invocations. */
export function encodePack({ parts }: Pack): Block {
  const kept = parts.filter(({ table }) => table !== 'events')
  const heads = kept.map(({ table, columns, bytes }) => `["${table}",${columnText(columns)},${bytes.length}]`)
  return { head: `[${heads.join()}]`, bytes: kept.map(({ bytes }) => bytes) }
}

function columnText(columns: readonly BinaryColumn[]): string {
  let text = columnTexts.get(columns)
  if (text === undefined) {
    text = JSON.stringify(columns.map(({ name, type }) => [name, type]))
    columnTexts.set(columns, text)
  }
  return text
}

/**
 * Its rows; null when it is none of ours. Another version of the program may have written it: columns that this one does not have are
 * in the rows all the same, where they are not looked at, and those that it does not know how to read are null.
 */
export function decodePack(head: string, bytes: Buffer): StoreRecord[] | null {
  try {
    let at = 0
    return (JSON.parse(head) as PartHead[]).flatMap(([table, columns, length]) => {
      const part = bytes.subarray(at, at + length)
      at += length
      return decodePart(table as TableName, columns, part)
    })
  } catch {
    return null
  }
}

const KNOWN_TYPES = new Set<string>(Object.values(COLUMNS).flatMap(columns => Object.values(columns)))

function decodePart(table: TableName, written: PartHead[1], bytes: Buffer): StoreRecord[] {
  const nulls = Object.fromEntries(Object.keys(COLUMNS[table]).map(name => [name, null]))
  const columns = written.map(([name, type]) => ({
    name,
    type: KNOWN_TYPES.has(type) ? (type as PostgresType) : null,
  }))
  // The columns of a table are its rows'.
  return Array.from(
    readBinaryRows(columns, bytes),
    row => ({ table, row: { ...nulls, ...row } }) as object as StoreRecord,
  )
}
