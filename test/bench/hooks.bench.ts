// What recording costs the process: CPU time for an invocation with 10 modules, 3 detected, 5 jobs and a payload of 1 KB.
// Interleaved runs on one detector: without plugin, with an empty plugin, with ours (writing to a real Postgres).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ObservabilityPlugin } from '../../plugin.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { BasePlugin, job, listenTo, type NamedEventModule, PluginManager, run } from '../../src/detector/detector.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { median, report } from './support/report.ts'

const ROUNDS = 7
const INVOCATIONS = 400
const CONCURRENCY = 16

const modules: NamedEventModule[] = Array.from({ length: 10 }, (_, index) => ({
  name: `orders.event-${index}`,
  detector: () => index < 3,
  handler: (event, payload) =>
    run(
      event,
      payload,
      Array.from({ length: index === 0 ? 1 : 2 }, (_, n) => job(async () => n, { jobName: `job-${n}` })),
    ),
}))

function payload(): object {
  return {
    id: '11111111-2222-4333-8444-555555555555',
    created_at: '2026-01-02T03:04:05.678901',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders' },
    event: {
      op: 'UPDATE',
      data: {
        old: { id: 1, status: 'new', note: 'x'.repeat(400) },
        new: { id: 1, status: 'paid', note: 'x'.repeat(400) },
      },
      session_variables: { 'x-hasura-role': 'user' },
      trace_context: null,
    },
  }
}

async function load(pluginManager: PluginManager): Promise<number> {
  const before = process.cpuUsage()
  let started = 0
  const worker = async (): Promise<void> => {
    while (started++ < INVOCATIONS) await listenTo(payload(), { pluginManager, eventModules: modules })
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  // What the invocations left to be written belongs to them.
  for (const plugin of pluginManager.plugins) {
    if (plugin instanceof ObservabilityPlugin)
      while (plugin.getStatus().bufferedRows > 0 || plugin.getStatus().state !== 'idle')
        await new Promise(resolve => setTimeout(resolve, 20))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / INVOCATIONS
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-hooks-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
const pool = createPool({ connectionString: postgres.connectionString('postgres') })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: 'event_detector_observability' })
await pool.end()

const database = { connectionString: postgres.connectionString('postgres') }
class EmptyPlugin extends BasePlugin {}
const managers = {
  none: new PluginManager(),
  empty: new PluginManager().register(new EmptyPlugin()),
  ours: new PluginManager().register(new ObservabilityPlugin({ database }, { logger: silentLogger })),
  quiet: new PluginManager().register(
    new ObservabilityPlugin({ database, captureConsole: false }, { logger: silentLogger }),
  ),
  journal: new PluginManager().register(
    new ObservabilityPlugin({ database, journalDir: path.join(dataDir, 'journal') }, { logger: silentLogger }),
  ),
}
const costs: Record<keyof typeof managers, number[]> = { none: [], empty: [], ours: [], quiet: [], journal: [] }
await Promise.all(Object.values(managers).map(manager => manager.initialize()))
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of Object.keys(managers) as (keyof typeof managers)[]) {
    const cost = await load(managers[name])
    if (round > 0) costs[name].push(cost) // The first round warms up.
  }
}
await Promise.all(Object.values(managers).map(manager => manager.shutdown()))
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

const baselineValue = median(costs.empty)
report(
  (['none', 'ours', 'quiet', 'journal'] as const).map(name => ({
    bench: 'hooks',
    measure: {
      none: 'without plugin',
      ours: 'ObservabilityPlugin',
      quiet: 'ObservabilityPlugin, captureConsole: false',
      journal: 'ObservabilityPlugin, journal on',
    }[name],
    value: median(costs[name]),
    unit: 'µs CPU per invocation',
    baseline: 'empty plugin',
    baselineValue,
    ratio: median(costs[name]) / baselineValue,
    target: null,
    holds: null,
  })),
)
