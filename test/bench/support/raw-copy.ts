import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { copyFrom } from '../../../src/db/copy-from.ts'
import type { Pool } from '../../../src/db/pool.ts'
import { withClient } from '../../../src/db/with-client.ts'
import { EVENT_COLUMNS } from '../../../src/event/unified-event.ts'

const CHUNK_BYTES = 64 * 1_024

/**
 * Rows per second of COPY, of the rows that the table of events has now, into the same table once it is empty again: the
 * columns that have values, from bytes made by Postgres beforehand, in one statement.
 */
export async function rawCopy(
  pool: Pool,
  schema: string,
  format: 'text' | 'binary',
): Promise<{ rate: number; rows: number }> {
  const table = `${schema}.events`
  const counts = Object.keys(EVENT_COLUMNS).map(column => `count("${column}") > 0 AS "${column}"`)
  const { rows } = await pool.query<Record<string, boolean>>(`SELECT ${counts} FROM ${table}`)
  const columns = Object.entries(rows[0] ?? {}).filter(([, isUsed]) => isUsed)
  const list = columns.map(([column]) => `"${column}"`).join(', ')
  // Where the server may write, whatever user it runs as.
  const { rows: settings } = await pool.query<{ data_directory: string }>('SHOW data_directory')
  const file = path.join(settings[0]?.data_directory ?? '', `raw-copy.${format}`)
  await pool.query(`COPY (SELECT ${list} FROM ${table}) TO '${file}' (FORMAT ${format})`)
  const chunks: Uint8Array[] = []
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) chunks.push(chunk as Buffer)
  await rm(file)
  const { rows: counted } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  const n = counted[0]?.n ?? 0
  await pool.query(`TRUNCATE ${table}`)
  const started = performance.now()
  await withClient(pool, client =>
    copyFrom(client, [{ sql: `COPY ${table} (${list}) FROM STDIN (FORMAT ${format})`, chunks }]),
  )
  return { rate: n / ((performance.now() - started) / 1_000), rows: n }
}
