import { readServerConfig } from '../config.ts'
import { type MaintenanceReport, runMaintenance } from '../db/maintenance.ts'
import { createPool } from '../db/pool.ts'
import { ObservabilityError } from '../errors.ts'

/** `maintain`: runs maintenance once, on the database of OBSERVABILITY_DB_URL, and prints what it did. */
export async function maintain(): Promise<void> {
  const config = readServerConfig()
  if (config.observabilityDbUrl === null) {
    throw new ObservabilityError(
      'CONFIG_INVALID',
      'OBSERVABILITY_DB_URL is not set: maintain works on that database ("start" maintains the embedded one by itself)',
    )
  }
  const pool = createPool({
    connectionString: config.observabilityDbUrl,
    max: 1,
    applicationName: 'hasura-observability maintain',
  })
  try {
    for (const line of describeReport(await runMaintenance(pool, config.schema, config))) console.log(line)
  } finally {
    await pool.end()
  }
}

/** A line for each step that a run took. */
export function describeReport(report: MaintenanceReport): string[] {
  if (report.skipped) return [`skipped: ${report.skipped}`]
  const lines: string[] = []
  const { lost, orphans_removed: orphans, default_partition_rows: strays } = report
  if (report.partitions_made !== undefined) lines.push(`partitions made ahead   ${report.partitions_made}`)
  if (lost) {
    lines.push(
      `marked as lost          ${lost.invocations} invocations, ${lost.event_executions} events, ${lost.job_executions} jobs`,
    )
  }
  if (orphans) {
    lines.push(
      `orphans removed         ${orphans.event_executions} events, ${orphans.job_executions} jobs, ${orphans.events} lines of output`,
    )
  }
  if (report.hours_counted !== undefined) lines.push(`hours counted anew      ${report.hours_counted}`)
  if (report.partitions_dropped !== undefined) {
    lines.push(
      `partitions dropped      ${report.partitions_dropped}, thinned out to what failed ${report.partitions_thinned}`,
    )
  }
  if (strays) {
    const list = Object.entries(strays).filter(([, rows]) => rows > 0)
    lines.push(
      `rows without a day      ${list.length > 0 ? list.map(([table, rows]) => `${table} ${rows}`).join(', ') : 'none'}`,
    )
  }
  lines.push(
    report.duration_ms === undefined
      ? 'another run has taken over the rest'
      : `done in ${(report.duration_ms / 1_000).toFixed(1)} s`,
  )
  return lines
}
