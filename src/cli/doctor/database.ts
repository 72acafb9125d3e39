import { isConnectionError } from '../../db/connection-errors.ts'
import { explainUnreachable } from '../../db/explain-unreachable.ts'
import type { ClientBase, Pool } from '../../db/pool.ts'
import { withClient } from '../../db/with-client.ts'
import { messageOf } from '../../errors.ts'
import { action, type Finding, ok } from './finding.ts'
import { judgeClock, judgePostgres } from './program.ts'
import { examineRecords } from './records.ts'
import { examineSchema } from './schema.ts'

export interface DatabaseToExamine {
  pool: Pool
  connectionString: string
  schema: string
  /** Whether it is the embedded one, which `npm start` runs. */
  embedded: boolean
  /** @default Date.now */
  nowMs?: () => number
}

/** Everything about the observability database. It only reads. */
export async function examineDatabase(database: DatabaseToExamine): Promise<Finding[]> {
  try {
    return await withClient(database.pool, client => examineThrough(client, database))
  } catch (error) {
    return [unreachable(error, database)]
  }
}

async function examineThrough(client: ClientBase, database: DatabaseToExamine): Promise<Finding[]> {
  const findings = [await examineServer(client, database)].flat()
  const schema = await examineSchema(client, database.schema)
  findings.push(...schema.findings)
  if (schema.isComplete) findings.push(...(await examineRecords(client, database.schema)))
  return findings
}

async function examineServer(client: ClientBase, { nowMs = Date.now, ...database }: DatabaseToExamine) {
  const before = nowMs()
  const { rows } = await client.query<{
    now_ms: number
    version: number
    user: string
    standby: boolean
    read_only: boolean
  }>(
    `SELECT extract(epoch FROM clock_timestamp())::double precision * 1000 AS now_ms,
            current_setting('server_version_num')::integer AS version, current_user AS "user",
            pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only')::boolean AS read_only`,
  )
  const after = nowMs()
  const [server] = rows as [(typeof rows)[number]]
  const { hostname, port, pathname } = new URL(database.connectionString)
  const where = `${decodeURIComponent(pathname.slice(1))} at ${hostname}:${port || 5432}, as ${server.user}`
  return [
    server.standby || server.read_only
      ? action(
          'database',
          `${where}, is read-only${server.standby ? ': a standby' : ''}`,
          server.standby
            ? 'point OBSERVABILITY_DB_URL at the primary'
            : 'take default_transaction_read_only back: nothing can be written',
        )
      : ok('database', where),
    judgePostgres(server.version),
    judgeClock((before + after) / 2 - server.now_ms, (after - before) / 2),
  ]
}

function unreachable(error: unknown, { connectionString, embedded }: DatabaseToExamine): Finding {
  const explained = explainUnreachable(error, connectionString)
  const { code } = error as { code?: unknown }
  if (embedded && isConnectionError(error)) {
    return code === 'ECONNREFUSED'
      ? action('database', 'the embedded Postgres does not run', 'npm start, or set OBSERVABILITY_DB_URL')
      : action(
          'database',
          `the embedded Postgres does not answer: ${messageOf(error)}`,
          'see whether this machine is overloaded; else stop npm start, and start it again',
        )
  }
  if (code === '28P01' || code === '28000') {
    return action(
      'database',
      `the database does not let this user in: ${messageOf(error)}`,
      'correct user and password in OBSERVABILITY_DB_URL, or pg_hba.conf',
    )
  }
  const [found = '', ...todo] = messageOf(explained).split(/\. (?=Check)|: (?=create it)/)
  return action('database', found, todo.join(': ') || 'see docs/operations.md for what can be wrong with a database')
}
