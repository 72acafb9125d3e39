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
import { OpenTelemetryPlugin } from './support/opentelemetry-plugin.ts'
import { type Measure, median, report } from './support/report.ts'

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
  for (const plugin of pluginManager.plugins) if (plugin instanceof OpenTelemetryPlugin) await plugin.forceFlush()
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
  openTelemetry: new PluginManager().register(new OpenTelemetryPlugin()),
  ours: new PluginManager().register(new ObservabilityPlugin({ database }, { logger: silentLogger })),
  quiet: new PluginManager().register(
    new ObservabilityPlugin({ database, captureConsole: false }, { logger: silentLogger }),
  ),
  journal: new PluginManager().register(
    new ObservabilityPlugin({ database, journalDir: path.join(dataDir, 'journal') }, { logger: silentLogger }),
  ),
}
type Name = keyof typeof managers
const names = Object.keys(managers) as Name[]
const costs = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
await Promise.all(Object.values(managers).map(manager => manager.initialize()))
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of names) {
    const cost = await load(managers[name])
    if (round > 0) costs[name].push(cost) // The first round warms up.
  }
}
await Promise.all(Object.values(managers).map(manager => manager.shutdown()))
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

const baselineValue = median(costs.empty)
const whole = { bench: 'hooks', unit: 'µs CPU per invocation', target: null, holds: null }
const above = (name: Name): number => median(costs[name]) - baselineValue
const words: Record<Name, string> = {
  none: 'without plugin',
  empty: 'empty plugin',
  openTelemetry: 'OpenTelemetry, spans exported to nowhere',
  ours: 'ObservabilityPlugin',
  quiet: 'ObservabilityPlugin, captureConsole: false',
  journal: 'ObservabilityPlugin, journal on',
}
report([
  ...names
    .filter(name => name !== 'empty')
    .map((name): Measure => {
      const value = median(costs[name])
      return {
        ...whole,
        measure: words[name],
        value,
        baseline: words.empty,
        baselineValue,
        ratio: value / baselineValue,
      }
    }),
  {
    ...whole,
    measure: 'ObservabilityPlugin above the empty plugin',
    value: above('ours'),
    baseline: 'OpenTelemetry above the empty plugin',
    baselineValue: above('openTelemetry'),
    ratio: above('ours') / above('openTelemetry'),
    target: '<= 250 µs and below OpenTelemetry',
    holds: above('ours') <= 250 && above('ours') < above('openTelemetry'),
  },
])
