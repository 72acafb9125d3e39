// The live stream with 1,000 connections that ask for 16 different things, server and clients in processes of their own:
// - fan-out: frames per second until the last one was received, over a bare loop of `ws` that sends the same frames to the same
//   number of sockets and has nothing to find out; interleaved, so that both see the same machine;
// - delivery while one reader, which asks for everything, does not read at all, over delivery without it;
// - from POST /api/broadcast, through Postgres and its NOTIFY, to the clients of a whole server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { silentLogger } from '../../src/log.ts'
import { BenchProcess } from './support/bench-process.ts'
import type { FanOut, LiveOrder } from './support/live-child.ts'
import type { ClientsOrder, Received } from './support/live-clients.ts'
import { nowMs, typicalEvent } from './support/live-topics.ts'
import { type Measure, median, report } from './support/report.ts'

const CONNECTIONS = 1_000
const ROUNDS = 3
const EVENTS = 200
const PACED = { events: 100, everyMs: 20 }

const server = await BenchProcess.startSource('live-child')
const clients = await BenchProcess.startSource('live-clients')
const urls = server.greeting as { hub: string; bare: string }
const tell = (order: LiveOrder): Promise<unknown> => server.ask(order)
const ask = (order: ClientsOrder): Promise<unknown> => clients.ask(order)
const percentile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] as number

async function fanOut(to: 'hub' | 'bare', atOnce: number): Promise<{ perSecond: number; cpuUs: number }> {
  await ask({ do: 'reset' })
  const { frames, startedAt, cpuMs } = (await tell({ do: 'fan-out', to, events: EVENTS, atOnce })) as FanOut
  const { lastAt } = (await ask({ do: 'await', frames })) as Received
  return { perSecond: (frames / (lastAt - startedAt)) * 1_000, cpuUs: (cpuMs / frames) * 1_000 }
}

async function paced(): Promise<number[]> {
  await ask({ do: 'reset' })
  const frames = (await tell({ do: 'pace', ...PACED })) as number
  return ((await ask({ do: 'await', frames })) as Received).latencies
}

const measures: Measure[] = []
const add = (measure: Omit<Measure, 'bench' | 'ratio' | 'holds'>, holds: (ratio: number) => boolean | null): void => {
  const ratio = measure.value / measure.baselineValue
  measures.push({ bench: 'live', ...measure, ratio, holds: holds(ratio) })
}

// Each has its own thousand connections; those of the other are idle meanwhile.
await ask({ do: 'open', url: urls.hub, connections: CONNECTIONS })
await ask({ do: 'open', url: urls.bare, connections: CONNECTIONS })
for (const atOnce of [1, 20]) {
  const rounds: { hub: Awaited<ReturnType<typeof fanOut>>; bare: Awaited<ReturnType<typeof fanOut>> }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const result = { hub: await fanOut('hub', atOnce), bare: await fanOut('bare', atOnce) }
    if (round > 0) rounds.push(result)
  }
  const how = atOnce === 1 ? 'events one by one' : `${atOnce} events at once`
  const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick))
  add(
    {
      measure: `fan-out to ${CONNECTIONS} connections, ${how}`,
      value: of(({ hub }) => hub.perSecond),
      unit: 'frames/s',
      baseline: 'a bare ws loop',
      baselineValue: of(({ bare }) => bare.perSecond),
      target: '>= 0.6',
    },
    ratio => ratio >= 0.6,
  )
  add(
    {
      measure: `the server’s CPU time for a frame, ${how}`,
      value: of(({ hub }) => hub.cpuUs),
      unit: 'us',
      baseline: 'a bare ws loop',
      baselineValue: of(({ bare }) => bare.cpuUs),
      target: null,
    },
    () => null,
  )
}
await ask({ do: 'close' })

await ask({ do: 'open', url: urls.hub, connections: CONNECTIONS })
const without: number[][] = []
const beside: number[][] = []
for (let round = 0; round <= ROUNDS; round++) {
  const alone = await paced()
  await ask({ do: 'open slow', url: urls.hub })
  await tell({ do: 'flood' })
  const together = await paced()
  await ask({ do: 'close slow' })
  if (round === 0) continue
  without.push(alone)
  beside.push(together)
}
for (const [name, share] of [
  ['median', 0.5],
  ['p99', 0.99],
] as const) {
  add(
    {
      measure: `${name} of delivery beside a reader that does not read`,
      value: median(beside.map(latencies => percentile(latencies, share))),
      unit: 'ms',
      baseline: 'without it',
      baselineValue: median(without.map(latencies => percentile(latencies, share))),
      target: null,
    },
    () => null,
  )
}
await ask({ do: 'close' })
await server.stop()

// The whole way: HTTP, Postgres, NOTIFY, the hub, WebSockets.
const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-live-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
await postgres.ensureDatabase('bench')
const whole = await BenchProcess.startSource('ingest-child', [postgres.connectionString('bench'), dataDir])
const url = String(whole.greeting)
await ask({ do: 'open', url: `${url.replace('http', 'ws')}/api/events`, connections: CONNECTIONS })
await ask({ do: 'reset' })
const answers: number[] = []
for (let n = 0; n < 100; n++) {
  const body = typicalEvent(n, nowMs()).json
  const sent = nowMs()
  const answer = await fetch(`${url}/api/broadcast`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  if (!answer.ok) throw new Error(await answer.text())
  answers.push(nowMs() - sent)
  await pause(50)
}
const { frames } = (await ask({ do: 'await', frames: 0 })) as Received
await pause(1_000)
const { latencies } = (await ask({ do: 'await', frames })) as Received
for (const [name, share] of [
  ['median', 0.5],
  ['p99', 0.99],
] as const) {
  add(
    {
      measure: `${name} from POST /api/broadcast to ${CONNECTIONS} connections, through Postgres`,
      value: percentile(latencies, share),
      unit: 'ms',
      baseline: 'the answer to the sender: stored',
      baselineValue: percentile(answers, share),
      target: null,
    },
    () => null,
  )
}
report(measures)
await clients.stop()
await whole.stop()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })
