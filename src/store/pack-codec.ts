import type { Block } from '../buffer/journal/codec.ts'
import { readBinaryRows } from '../db/read-binary-rows.ts'
import type { Pack } from './pack.ts'
import type { StoreRecord } from './store-record.ts'
import { COLUMNS, type PostgresType, type TableName } from './tables.ts'

/** One part of a pack: its table, the names of its columns, and how many bytes it has. */
type PartHead = readonly [table: string, columns: readonly string[], bytes: number]

/** How a pack lies in the journal. Row changes stay out: they are made again of their invocations. */
export function encodePack({ parts }: Pack): Block {
  const kept = parts.filter(({ table }) => table !== 'events')
  const heads = kept.map(
    ({ table, columns, bytes }): PartHead => [table, columns.map(({ name }) => name), bytes.length],
  )
  return { head: JSON.stringify(heads), bytes: kept.map(({ bytes }) => bytes) }
}

/** Its rows; null when it has something that this version of the program does not know. */
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

function decodePart(table: TableName, names: readonly string[], bytes: Buffer): StoreRecord[] {
  const types: Readonly<Record<string, PostgresType>> = COLUMNS[table]
  const columns = names.map(name => {
    const type = types[name]
    if (type === undefined) throw new TypeError(`${table} has no column ${name}`)
    return { name, type }
  })
  const nulls = Object.fromEntries(Object.keys(types).map(name => [name, null]))
  // The columns of a table are its rows'.
  return Array.from(
    readBinaryRows(columns, bytes),
    row => ({ table, row: { ...nulls, ...row } }) as object as StoreRecord,
  )
}
