// What recording costs the process. One invocation: 10 modules, 3 detected, 5 jobs, a payload of 1 KB, 1 in 50 jobs throwing;
// ours writes to a real Postgres. Each plugin runs in processes of its own, in turns, on the same detector; ratios of throughput are
// medians of the rounds' ratios.
//   --host=<name>           `ours` (the detector of this package), `original` (a copy of the original host's dispatch, which
//                           besides calls onLog 59 times an invocation), or `both`, which is the default
//   --json                  one JSON object a line
//   --only=<kind>,<kind>    some of the kinds below, for profiling
//   --short                 concurrency 16 only
//   --node=<flag>           a flag for the measured processes, such as --node=--cpu-prof
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { MIB } from '../../src/units.ts'
import type { HostName } from './support/bench-host.ts'
import { BenchProcess, compileSupport } from './support/bench-process.ts'
import type { Load } from './support/hook-load.ts'
import type { HooksResult, Kind, LoadResult, MemoryResult } from './support/hooks-child.ts'
import { type Measure, median, report } from './support/report.ts'

const ROUNDS = 7
// What V8 makes of the same code differs by a tenth from one process to the next.
const PROCESSES = 3
// V8 takes so long to compile what is measured, where promises are followed: for all plugins alike.
const WARM_UP_LOADS = 16
const CONCURRENCY = process.argv.includes('--short') ? [16] : [1, 16, 64]
const INVOCATIONS = 500
const JOB_MS = 5
const MAX_CPU_MICROS = 250
const MIN_THROUGHPUT = 0.7
const MAX_HOOK_MICROS = 5
const MAX_MIB = 1

const HOSTS: Record<HostName, string> = { ours: 'our detector', original: 'a copy of the original host' }
const asked = process.argv.find(arg => arg.startsWith('--host='))?.slice('--host='.length) ?? 'both'
const hosts = (Object.keys(HOSTS) as HostName[]).filter(host => asked === 'both' || asked === host)
if (hosts.length === 0) throw new Error(`--host=${asked}: use ours, original or both`)

const flags = process.argv.filter(arg => arg.startsWith('--node=')).map(arg => arg.slice('--node='.length))
const only = process.argv
  .find(arg => arg.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')

compileSupport()
const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-hooks-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
const pool = createPool({ connectionString: postgres.connectionString('postgres') })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: 'event_detector_observability' })
await pool.end()
const collector = await BenchProcess.start('otlp-sink')

const database = { connectionString: postgres.connectionString('postgres') }
const kinds = {
  none: { plugin: 'none' },
  empty: { plugin: 'empty' },
  forgetting: { plugin: 'OpenTelemetry' },
  exporting: { plugin: 'OpenTelemetry', url: collector.greeting as string },
  ours: { plugin: 'ours', options: { database } },
  quiet: { plugin: 'ours', options: { database, captureConsole: false } },
  reads: { plugin: 'ours', options: { database, recordReads: true } },
  journal: { plugin: 'ours', options: { database, journalDir: path.join(dataDir, 'journal') } },
} as const
type Name = keyof typeof kinds
const WORDS: Record<Name, string> = {
  none: 'no plugin',
  empty: 'an empty plugin',
  forgetting: 'OpenTelemetry, spans forgotten',
  exporting: 'OpenTelemetry, spans sent as OTLP',
  ours: 'ObservabilityPlugin',
  quiet: 'ObservabilityPlugin without captureConsole',
  reads: 'ObservabilityPlugin with recordReads',
  journal: 'ObservabilityPlugin with journalDir',
}
const names = (Object.keys(kinds) as Name[]).filter(name => !only || only.includes(name))

const LOADS: (Load & { words: string })[] = [
  ...CONCURRENCY.map(concurrency => ({ concurrency, jobMs: 0, words: `concurrency ${concurrency}` })),
  { concurrency: 16, jobMs: JOB_MS, words: `concurrency 16, jobs of ${JOB_MS} ms` },
].map(load => ({ ...load, invocations: INVOCATIONS }))

const measures: Measure[] = []
const NO_VERDICT = { bench: 'hooks', target: null, holds: null }
for (const host of hosts) await measureHost(host)
if (!only) reportMemory(await measureMemory())
await collector.stop()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })
report(measures)

async function measureHost(host: HostName): Promise<void> {
  // Measured, by kind and place in LOADS.
  const results = new Map<Name, LoadResult[][]>()
  const processes: [Name, BenchProcess][] = []
  for (let n = 0; n < PROCESSES; n++) {
    for (const name of names) {
      const kind: Kind = { ...kinds[name], host }
      processes.push([name, await BenchProcess.start('hooks-child', [JSON.stringify(kind)], flags)])
    }
  }
  for (const name of names) {
    results.set(
      name,
      LOADS.map(() => []),
    )
  }
  const warmUp: Load = { invocations: INVOCATIONS, concurrency: 16, jobMs: 0 }
  for (const [, process] of processes) {
    for (let n = 0; n < WARM_UP_LOADS; n++) await process.ask({ do: 'load', load: warmUp })
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [place, load] of LOADS.entries()) {
      for (const [name, process] of processes) {
        const result = (await process.ask({ do: 'load', load })) as LoadResult
        if (round > 0) results.get(name)?.[place]?.push(result)
      }
    }
  }
  reportLoads(host, results)
  const recording = processes.find(([name]) => name === 'ours')?.[1]
  if (host === 'ours') reportHooks((await recording?.ask({ do: 'hooks', invocations: 4_000 })) as HooksResult)
  for (const [, process] of processes) await process.stop()
}

async function measureMemory(): Promise<MemoryResult> {
  const kind: Kind = {
    host: 'ours',
    plugin: 'ours',
    options: { database: { connectionString: 'postgresql://nobody@127.0.0.1:1/none' } },
  }
  const process = await BenchProcess.start('hooks-child', [JSON.stringify(kind)], ['--expose-gc'])
  const result = (await process.ask({ do: 'memory', rows: 32_000 })) as MemoryResult
  await process.stop()
  return result
}

function of(results: Map<Name, LoadResult[][]>, name: Name, place: number, what: keyof LoadResult): number {
  return median((results.get(name)?.[place] ?? []).map(result => result[what]))
}

/** Of throughput, round by round: what slows the machine down for a while slows down both. */
function pairedRatio(results: Map<Name, LoadResult[][]>, name: Name, baseline: Name, place: number): number {
  const [own = [], other = []] = [results.get(name)?.[place], results.get(baseline)?.[place]]
  return median(
    own.map(
      ({ invocationsPerSecond }, round) => invocationsPerSecond / (other[round]?.invocationsPerSecond ?? Number.NaN),
    ),
  )
}

function reportLoads(host: HostName, results: Map<Name, LoadResult[][]>): void {
  for (const [place, { words, jobMs }] of LOADS.entries()) {
    const at = `, ${words}, on ${HOSTS[host]}`
    const empty = of(results, 'empty', place, 'cpuMicros')
    const above = (name: Name): number => of(results, name, place, 'cpuMicros') - empty
    const cpu = { ...NO_VERDICT, unit: 'µs CPU per invocation' }
    if (jobMs === 0) {
      for (const name of names) {
        if (name === 'empty') continue
        const value = of(results, name, place, 'cpuMicros')
        const baseline = { baseline: WORDS.empty, baselineValue: empty, ratio: value / empty }
        measures.push({ ...cpu, measure: WORDS[name] + at, value, ...baseline })
      }
      for (const name of names.filter(each => kinds[each].plugin === 'ours')) {
        for (const other of (['forgetting', 'exporting'] as const).filter(each => names.includes(each))) {
          const baselineValue = above(other)
          const value = above(name)
          measures.push({
            ...cpu,
            measure: `${WORDS[name]} above an empty plugin${at}`,
            value,
            baseline: `${WORDS[other]}, above an empty plugin`,
            baselineValue,
            ratio: value / baselineValue,
            // Without captureConsole nothing needs AsyncLocalStorage; recording of reads and the journal are extras.
            target: name === 'ours' || name === 'quiet' ? `<= ${MAX_CPU_MICROS} and below ${WORDS[other]}` : null,
            holds: name === 'ours' || name === 'quiet' ? value <= MAX_CPU_MICROS && value < baselineValue : null,
          })
        }
      }
      const apart = (name: Name, without: Name, measure: string): void => {
        if (!names.includes(name) || !names.includes(without)) return
        const [value, baselineValue] = [above(name), above(without)]
        const baseline = { baseline: `${WORDS[without]}, above an empty plugin`, baselineValue }
        measures.push({
          ...cpu,
          measure: measure + at,
          value: value - baselineValue,
          ...baseline,
          ratio: value / baselineValue,
        })
      }
      apart('ours', 'quiet', 'capture of console output alone')
      apart('reads', 'ours', 'recording of reads alone')
      apart('journal', 'ours', 'the journal alone')
    }
    for (const name of names) {
      const value = of(results, name, place, 'invocationsPerSecond')
      const baselineValue = of(results, 'empty', place, 'invocationsPerSecond')
      const ratio = pairedRatio(results, name, 'empty', place)
      const judged = (name === 'ours' || name === 'quiet') && words.startsWith('concurrency 16')
      measures.push({
        ...NO_VERDICT,
        measure: `throughput, ${WORDS[name]}${at}`,
        value,
        unit: 'invocations/s',
        baseline: WORDS.empty,
        baselineValue,
        ratio,
        target: judged ? `>= ${MIN_THROUGHPUT}` : null,
        holds: judged ? ratio >= MIN_THROUGHPUT : null,
      })
    }
  }
}

function reportHooks(hooks: HooksResult | undefined): void {
  for (const [hook, value] of Object.entries(hooks ?? {})) {
    measures.push({
      bench: 'hooks',
      measure: `one call of ${hook}`,
      value,
      unit: 'µs',
      baseline: 'what a hook may take',
      baselineValue: MAX_HOOK_MICROS,
      ratio: value / MAX_HOOK_MICROS,
      target: `<= ${MAX_HOOK_MICROS}`,
      holds: value <= MAX_HOOK_MICROS,
    })
  }
}

function reportMemory(memory: MemoryResult): void {
  const { bytes, rows, invocations } = memory
  const value = bytes / MIB / (rows / 1_000)
  const baseline = { baseline: 'what they may take', baselineValue: MAX_MIB, ratio: value / MAX_MIB }
  const verdict = { target: `<= ${MAX_MIB}`, holds: value <= MAX_MIB }
  const measure = 'memory of 1,000 buffered executions, of which one in sixteen has a payload of 1 KB'
  measures.push({ bench: 'hooks', measure, value, unit: 'MiB', ...baseline, ...verdict })
  const whole = bytes / MIB / (invocations / 1_000)
  measures.push({
    ...NO_VERDICT,
    measure: 'memory of 1,000 buffered invocations with all their events and jobs',
    value: whole,
    unit: 'MiB',
    ...baseline,
    ratio: whole / MAX_MIB,
  })
}
