import { quoteIdent } from '../../db/identifiers.ts'
import { STRAYS_WORTH_A_WARNING } from '../../db/maintenance.ts'
import type { ClientBase } from '../../db/pool.ts'
import { DAY, HOUR } from '../../units.ts'
import { action, counted, duration, examine, type Finding, note, ok } from './finding.ts'

const FEW_DAYS_AHEAD = 3

/** What the tables tell about how recording and maintenance are doing. */
export async function examineRecords(client: ClientBase, schema: string): Promise<Finding[]> {
  const name = quoteIdent(schema)
  return [
    ...(await examine('partitions', () => partitions(client, schema))),
    ...(await examine('default partitions', () => strays(client, name))),
    ...(await examine('maintenance', () => maintenance(client, name))),
    ...(await examine('quarantine', () => quarantine(client, name))),
    ...(await examine('instances', () => instances(client, name))),
  ]
}

async function partitions(client: ClientBase, schema: string): Promise<Finding> {
  const { rows } = await client.query<{ days: number | null }>(
    `SELECT min(d.day) - (now() AT TIME ZONE 'UTC')::date AS days
     FROM (SELECT (now() AT TIME ZONE 'UTC')::date + n AS day FROM generate_series(0, 7) n) d
     CROSS JOIN unnest(ARRAY['invocations', 'event_executions', 'job_executions', 'events']) parent
     WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
       AND c.relispartition AND c.relname = parent || '_' || to_char(d.day, 'YYYYMMDD'))`,
    [schema],
  )
  const covered = rows[0]?.days ?? 8
  const todo = 'run maintenance: the server does, or pg_cron, or `hasura-observability maintain` (docs/maintenance.md)'
  if (covered === 0) return action('partitions', 'there is no partition for today', todo)
  const ahead = covered - 1
  if (ahead < FEW_DAYS_AHEAD) {
    return action('partitions', `made ahead for ${counted(ahead, 'day')} only, usually it is 7`, todo)
  }
  return ok('partitions', `made ahead for ${counted(ahead, 'day')}`)
}

async function strays(client: ClientBase, schema: string): Promise<Finding> {
  const { rows } = await client.query<{ table_name: string; row_count: string }>(
    `SELECT table_name, row_count FROM ${schema}.default_partition_rows() WHERE row_count > 0`,
  )
  if (rows.length === 0) return ok('default partitions', 'every row has a partition of its day')
  const total = rows.reduce((sum, row) => sum + Number(row.row_count), 0)
  const found = `${counted(total, 'row')} without a partition of their day: ${rows.map(row => `${row.table_name} ${row.row_count}`).join(', ')}`
  if (total <= STRAYS_WORTH_A_WARNING) return note('default partitions', found)
  return action(
    'default partitions',
    found,
    'find out which it is: partitions are not made ahead, a clock is wrong, or callers choose ids that are not UUIDv7',
  )
}

async function maintenance(client: ClientBase, schema: string): Promise<Finding> {
  const { rows } = await client.query<{ run_ms: number | null; migrated_ms: number }>(
    `SELECT extract(epoch FROM now() - (SELECT last_run_at FROM ${schema}.maintenance_state))::double precision * 1000 AS run_ms,
            extract(epoch FROM now() - (SELECT min(applied_at) FROM ${schema}.schema_migrations))::double precision * 1000 AS migrated_ms`,
  )
  const [{ run_ms: ago, migrated_ms: age }] = rows as [(typeof rows)[number]]
  const todo = 'let the server, pg_cron or `hasura-observability maintain` run every few minutes (docs/maintenance.md)'
  if (ago === null) {
    return age < HOUR ? note('maintenance', 'has not run yet', todo) : action('maintenance', 'has never run', todo)
  }
  const found = `ran ${duration(ago)} ago`
  if (ago < HOUR) return ok('maintenance', found)
  if (ago < DAY + HOUR) return note('maintenance', `${found}; totals and lost work are that old`, todo)
  return action('maintenance', found, todo)
}

async function quarantine(client: ClientBase, schema: string): Promise<Finding> {
  const { rows } = await client.query<{ count: number; table_name: string; error_message: string }>(
    `SELECT count(*) OVER ()::integer AS count, table_name, error_message FROM ${schema}.quarantined_rows
     ORDER BY created_at DESC LIMIT 1`,
  )
  const [newest] = rows
  if (!newest) return ok('quarantine', 'Postgres refused no row')
  return action(
    'quarantine',
    `${counted(newest.count, 'refused row')} in quarantined_rows, the newest for ${newest.table_name}: ${newest.error_message}`,
    'remove the cause, insert what is worth keeping, delete it there (docs/operations.md, "Quarantined rows")',
  )
}

async function instances(client: ClientBase, schema: string): Promise<Finding[]> {
  const { rows: silent } = await client.query<{ host: string; pid: number; silent_ms: number; running: number }>(
    `SELECT n.host, n.pid, extract(epoch FROM now() - n.heartbeat_at)::double precision * 1000 AS silent_ms,
            count(*)::integer AS running
     FROM ${schema}.instances n JOIN ${schema}.invocations i ON i.instance_id = n.id AND i.status = 'running'
     WHERE n.ended_at IS NOT NULL OR n.heartbeat_at < now() - interval '2 minutes'
     GROUP BY n.id ORDER BY n.heartbeat_at DESC`,
  )
  const { rows } = await client.query<{ living: number; lost: number }>(
    `SELECT (SELECT count(*) FROM ${schema}.instances
             WHERE ended_at IS NULL AND heartbeat_at >= now() - interval '2 minutes')::integer AS living,
            (SELECT count(*) FROM ${schema}.invocations
             WHERE status = 'lost' AND id >= ${schema}.uuid_v7_at(now() - interval '1 day'))::integer AS lost`,
  )
  const [{ living, lost }] = rows as [(typeof rows)[number]]
  const findings: Finding[] = []
  const [latest] = silent
  if (latest) {
    const running = silent.reduce((sum, row) => sum + row.running, 0)
    findings.push(
      action(
        'instances',
        `${silent.length === 1 ? '1 process' : `${silent.length} processes`} ended or went silent while ${counted(running, 'invocation')} ran, the latest ${duration(latest.silent_ms)} ago (${latest.host ?? 'unknown host'}, process ${latest.pid ?? 'unknown'})`,
        'see whether it was killed or cannot reach the database; maintenance marks its work as lost',
      ),
    )
  }
  if (lost > 0) {
    findings.push(note('instances', `${counted(lost, 'invocation')} of the last day lost: their process was gone`))
  }
  if (findings.length === 0) {
    const now = living === 1 ? '1 process records' : living === 0 ? 'no process records' : `${living} processes record`
    findings.push(ok('instances', `${now} now; none left work behind`))
  }
  return findings
}
