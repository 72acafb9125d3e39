// A thousand clients of the live stream in a process of their own. They do as little as possible, so that it is the server that
// is measured: frames are counted by their headers, and of a few connections the time of publishing is read.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { askedBy, nowMs } from './live-topics.ts'

export type ClientsOrder =
  /** Opens so many connections to an address. Answers when all are open. */
  | { do: 'open'; url: string; connections: number }
  /** Opens one that asks for everything and never reads. */
  | { do: 'open slow'; url: string }
  | { do: 'close slow' }
  /** Forgets what came so far. */
  | { do: 'reset' }
  /** Waits until so many frames of events came. Answers with Received. */
  | { do: 'await'; frames: number }
  | { do: 'close' }

export interface Received {
  frames: number
  /** When the last one came, in milliseconds since 1970. */
  lastAt: number
  /** From publishing to receiving, in milliseconds, of each frame of the connections that read it. */
  latencies: number[]
}

// Of so many connections one reads when an event was published.
const READS_TIME = 10
const HANDSHAKE_END = Buffer.from('\r\n\r\n')

const sockets: Socket[] = []
let slow: Socket | null = null
let frames = 0
let lastAt = 0
let latencies: number[] = []

/** Opens a WebSocket and calls back with each message's text bytes. */
async function open(address: string, onMessage: (payload: Buffer) => void): Promise<Socket> {
  const { hostname, port, pathname, search } = new URL(address)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.setNoDelay(true)
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  let rest: Buffer = Buffer.alloc(0)
  let isUpgraded = false
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('data', chunk => {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (!isUpgraded) {
        const end = data.indexOf(HANDSHAKE_END)
        if (end < 0 || !data.toString('latin1', 0, 12).endsWith('101')) return reject(new Error(data.toString()))
        data = data.subarray(end + HANDSHAKE_END.length)
        isUpgraded = true
        resolve()
      }
      rest = readFrames(data, onMessage)
    })
  })
  await opened
  return socket
}

/** Gives what is no whole frame yet. */
function readFrames(data: Buffer, onMessage: (payload: Buffer) => void): Buffer {
  let at = 0
  while (at + 2 <= data.length) {
    const short = (data[at + 1] as number) & 0x7f
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    if (at + header > data.length) break
    const length =
      header === 2 ? short : header === 4 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2))
    if (at + header + length > data.length) break
    if (((data[at] as number) & 0x0f) === 1) onMessage(data.subarray(at + header, at + header + length))
    at += header + length
  }
  return Buffer.from(data.subarray(at))
}

const EVENT = Buffer.from('{"type":"event"')

async function openMany(url: string, connections: number): Promise<number> {
  for (let from = 0; from < connections; from += 50) {
    const some = Array.from({ length: Math.min(50, connections - from) }, (_, n) => from + n)
    sockets.push(
      ...(await Promise.all(
        some.map(n =>
          open(`${url}?${askedBy(n)}`, payload => {
            if (EVENT.compare(payload, 0, EVENT.length) !== 0) return
            frames++
            lastAt = nowMs()
            if (n % READS_TIME !== 0) return
            const sent = /"sent": ?([\d.]+)/.exec(payload.toString('latin1'))?.[1]
            if (sent !== undefined) latencies.push(lastAt - Number(sent))
          }),
        ),
      )),
    )
  }
  return sockets.length
}

async function awaitFrames(wanted: number): Promise<Received> {
  while (frames < wanted) await new Promise(resolve => setTimeout(resolve, 1))
  return { frames, lastAt, latencies }
}

function reset(): boolean {
  frames = 0
  latencies = []
  return true
}

function closeAll(): boolean {
  for (const socket of sockets.splice(0)) socket.destroy()
  return true
}

async function obey(order: ClientsOrder): Promise<unknown> {
  switch (order.do) {
    case 'open':
      return openMany(order.url, order.connections)
    case 'open slow':
      slow = await open(`${order.url}?topic=*`, () => {})
      slow.pause()
      return true
    case 'close slow':
      slow?.destroy()
      return true
    case 'reset':
      return reset()
    case 'await':
      return awaitFrames(order.frames)
    case 'close':
      return closeAll()
  }
}

process.on('message', async order => process.send?.(await obey(order as ClientsOrder)))
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
