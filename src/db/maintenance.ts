import { quoteIdent } from './identifiers.ts'
import type { ClientBase } from './pool.ts'

export interface Retention {
  /** Days that what was recorded is kept. */
  retentionDays: number
  /** Days that failed invocations are kept. */
  failedRetentionDays: number
}

/** What run_maintenance() did. When another run came in between, its later parts are missing. */
export interface MaintenanceReport {
  skipped?: string
  partitions_made?: number
  lost?: { invocations: number; event_executions: number; job_executions: number }
  orphans_removed?: { event_executions: number; job_executions: number; events: number }
  hours_counted?: number
  partitions_dropped?: number
  partitions_thinned?: number
  /** Rows without a partition of their day, by table. */
  default_partition_rows?: Record<string, number>
  duration_ms?: number
}

/** More rows than this without a partition of their day are no accident. */
export const STRAYS_WORTH_A_WARNING = 1_000

/** Runs maintenance once. When another run is under way, it ends at once and says so. */
export async function runMaintenance(
  client: Pick<ClientBase, 'query'>,
  schema: string,
  { retentionDays, failedRetentionDays }: Retention,
): Promise<MaintenanceReport> {
  const { rows } = await client.query<{ report: MaintenanceReport }>(
    `CALL ${quoteIdent(schema)}.run_maintenance(make_interval(days => $1), make_interval(days => $2))`,
    [retentionDays, failedRetentionDays],
  )
  return rows[0]?.report ?? {}
}
