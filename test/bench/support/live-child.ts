// The live stream as the server has it, without a database, and a bare loop over sockets of `ws`, in a process of their own.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import type { LiveEvent } from '../../../src/live/hot-window.ts'
import { Hub } from '../../../src/live/hub.ts'
import { matcherOf, parseTopic } from '../../../src/live/topic.ts'
import { silentLogger } from '../../../src/log.ts'
import { createApp } from '../../../src/server/app.ts'
import { EVERYTHING } from '../../../src/server/socket/event-connection.ts'
import { addEventSocket } from '../../../src/server/socket/event-socket.ts'
import { nowMs, typicalEvent } from './live-topics.ts'

export type LiveOrder =
  /** Publishes so many events, so many at a time, as fast as it goes. Answers with a FanOut. */
  | { do: 'fan-out'; to: 'hub' | 'bare'; events: number; atOnce: number }
  /** Publishes so many events, one each `everyMs`. Answers with the number of frames. */
  | { do: 'pace'; events: number; everyMs: number }
  /** Publishes what only a reader of everything wants, some megabytes. */
  | { do: 'flood' }

export interface FanOut {
  /** Of all connections together. */
  frames: number
  /** In milliseconds since 1970. */
  startedAt: number
  /** CPU time of this process until everything was handed to the kernel, in milliseconds. */
  cpuMs: number
}

const callers = { loopbackOnly: true, allowedOrigins: [] }
const hub = new Hub()
const app = createApp({ logger: silentLogger, callers })
addEventSocket(app, { hub, callers, authorize: async () => EVERYTHING })
await app.listen({ port: 0, host: '127.0.0.1' })

const bare = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const wants = new Map<WebSocket, (event: LiveEvent) => boolean>()
bare.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const level = searchParams.get('level')?.split(',')
  const matchers = searchParams.getAll('topic').map(topic => matcherOf(parseTopic(topic), level ? { level } : {}))
  wants.set(socket, event => matchers.some(matches => matches(event)))
  socket.on('close', () => wants.delete(socket))
})
await once(bare, 'listening')

let made = 0
const next = (): LiveEvent => typicalEvent(made++, nowMs())

async function fanOut(to: 'hub' | 'bare', count: number, atOnce: number): Promise<FanOut> {
  const events = Array.from({ length: count }, next)
  // The bare loop has nothing to find out, and its frames' contents are ready.
  const receivers = events.map(event => [...wants].filter(([, wanted]) => wanted(event)).map(([socket]) => socket))
  const payloads = events.map(({ id, json }) =>
    Buffer.from(`{"type":"event","id":${JSON.stringify(id)},"event":${json}}`),
  )
  const sentBefore = hub.stats().messagesSent
  const startedAt = nowMs()
  const before = process.cpuUsage()
  for (let from = 0; from < count; from += atOnce) {
    if (to === 'hub') hub.publish(events.slice(from, from + atOnce))
    else {
      for (let n = from; n < Math.min(count, from + atOnce); n++) {
        for (const socket of receivers[n] as WebSocket[]) socket.send(payloads[n] as Buffer, { binary: false })
      }
    }
    await turn()
  }
  const frames = receivers.reduce((sum, { length }) => sum + length, 0)
  while (to === 'hub' && hub.stats().messagesSent - sentBefore < frames) await turn()
  while ([...wants.keys()].some(socket => socket.bufferedAmount > 0)) await turn()
  const { user, system } = process.cpuUsage(before)
  return { frames, startedAt, cpuMs: (user + system) / 1_000 }
}

function pace(count: number, everyMs: number): Promise<number> {
  const sentBefore = hub.stats().messagesSent
  return new Promise(resolve => {
    let published = 0
    const timer = setInterval(() => {
      hub.publish([next()])
      if (++published < count) return
      clearInterval(timer)
      resolve(hub.stats().messagesSent - sentBefore)
    }, everyMs)
  })
}

function flood(): number {
  for (let n = 0; n < 200; n++) {
    const labels = { eventType: 'flood', ns: 'flood', eventName: 'flood', level: null }
    const { json, ...event } = typicalEvent(made++, nowMs(), labels)
    hub.publish([{ ...event, json: JSON.stringify({ text: json.repeat(100) }) }])
  }
  return hub.stats().windowBytes
}

function obey(order: LiveOrder): Promise<unknown> | unknown {
  switch (order.do) {
    case 'fan-out':
      return fanOut(order.to, order.events, order.atOnce)
    case 'pace':
      return pace(order.events, order.everyMs)
    case 'flood':
      return flood()
  }
}

process.on('message', async order => process.send?.(await obey(order as LiveOrder)))
process.on('disconnect', () => process.exit(0))
const portOf = (address: unknown): number => (address as AddressInfo).port
process.send?.({
  hub: `ws://127.0.0.1:${portOf(app.server.address())}/api/events`,
  bare: `ws://127.0.0.1:${portOf(bare.address())}/`,
})
