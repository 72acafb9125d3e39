import { type Retention, runMaintenance, STRAYS_WORTH_A_WARNING } from '../db/maintenance.ts'
import { createPool } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../log.ts'
import { MINUTE, SECOND } from '../units.ts'

export interface MaintenanceOptions {
  connectionString: string
  schema: string
  retention: Retention
  logger: Logger
  /** Until the first run, in milliseconds; so long a start stays a start. @default 20000 */
  firstDelayMs?: number
  /** Between the end of a run and the next, in milliseconds. @default 300000 (5 minutes) */
  intervalMs?: number
}

export interface Maintenance {
  /** Ends a run that is under way: every step is a transaction, and the next run does what is left. */
  stop(): Promise<void>
}

// Told once an hour at most, as long as it is so.
const WARNING_INTERVAL_MS = 60 * MINUTE

/**
 * Runs maintenance every few minutes. It takes no turn while another run is under way, be it another server's, that of
 * pg_cron or of `maintain`.
 */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { connectionString, schema, retention, logger, firstDelayMs = 20 * SECOND, intervalMs = 5 * MINUTE } = options
  // Without a statement timeout: the first run over a grown database takes its time. The second connection cancels.
  const pool = createPool({
    connectionString,
    max: 2,
    applicationName: 'hasura-observability maintenance',
    // Stopping the server must not wait for a database that is away.
    connectionTimeoutMs: 2 * SECOND,
  })
  let stopped = false
  let runningPid: number | null = null
  let running: Promise<void> = Promise.resolve()
  let warnedAtMs = Number.NEGATIVE_INFINITY
  let timer = setTimeout(begin, firstDelayMs).unref()

  function begin(): void {
    running = run()
      .catch(error => {
        if (!stopped) logger.warn({ error: messageOf(error) }, 'maintenance failed; tried again in a few minutes')
      })
      .then(() => {
        runningPid = null
        if (!stopped) timer = setTimeout(begin, intervalMs).unref()
      })
  }

  async function run(): Promise<void> {
    await withClient(pool, async client => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      runningPid = rows[0]?.pid ?? null
      if (stopped) return
      const report = await runMaintenance(client, schema, retention)
      logger.info({ ...report }, 'maintenance done')
      const strays = Object.values(report.default_partition_rows ?? {}).reduce((sum, count) => sum + count, 0)
      if (strays > STRAYS_WORTH_A_WARNING && Date.now() - warnedAtMs > WARNING_INTERVAL_MS) {
        warnedAtMs = Date.now()
        logger.warn(
          { ...report.default_partition_rows },
          'many rows have no partition of their day; see docs/maintenance.md',
        )
      }
    })
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      // Fails when the database is away, and then the run fails as well.
      if (runningPid !== null) void pool.query('SELECT pg_cancel_backend($1)', [runningPid]).catch(() => {})
      await running
      await pool.end()
    },
  }
}
