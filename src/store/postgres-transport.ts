import { quoteIdent } from '../db/identifiers.ts'
import { createPool, type Pool } from '../db/pool.ts'
import { SECOND } from '../units.ts'
import type { WriteBeat } from './instance.ts'
import { Packer } from './packer.ts'
import { StoredChanges } from './stored-changes.ts'
import type { Transport } from './transport.ts'
import { createWriteBatch } from './write-batch.ts'

export interface PostgresTransportOptions {
  connectionString: string
  maxConnections: number
  ssl: object | boolean | undefined
  schema: string
}

/** Straight to Postgres. It connects at the first write. */
export function postgresTransport({
  connectionString,
  maxConnections,
  ssl,
  schema,
}: PostgresTransportOptions): Transport {
  let pool: Pool | null = null
  const connect = (): Pool => {
    pool ??= createPool({
      connectionString,
      max: maxConnections,
      applicationName: 'hasura-observability plugin',
      statementTimeoutMs: 60 * SECOND,
      keepsProcessAlive: false,
      ...(ssl === undefined ? {} : { ssl }),
    })
    return pool
  }
  const changes = new StoredChanges()
  return {
    write: createWriteBatch(connect, schema, { changes }),
    packer: new Packer(changes),
    beat: createWriteBeat(connect, schema),
    async close() {
      const open = pool
      pool = null
      await open?.end()
    },
  }
}

export function createWriteBeat(pool: () => Pool, schema: string): WriteBeat {
  return async ({ id, startedAt, endedAt, host, pid, version }) => {
    await pool().query(
      `INSERT INTO ${quoteIdent(schema)}.instances AS i (id, started_at, heartbeat_at, ended_at, host, pid, version)
       VALUES ($1, $2, now(), $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), ended_at = coalesce(i.ended_at, excluded.ended_at)`,
      [id, startedAt, endedAt, host, pid, version],
    )
  }
}
