import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/log.ts'
import { createApp } from '../../src/server/app.ts'
import { BodyReader } from '../../src/server/ingest/body.ts'
import { eventually } from '../support/eventually.ts'

const MAX_BYTES = 1_000
const TIMEOUT_MS = 300
/** Longer than a refused request has to finish. */
const LATER_MS = 2_400

describe('a request that was refused before all of it was here', () => {
  let app: FastifyInstance
  let port: number
  beforeAll(async () => {
    app = createApp({ logger: silentLogger, callers: { loopbackOnly: true, allowedOrigins: [] } })
    const bodies = new BodyReader({ maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.post('/', request => bodies.read(request.raw, async body => ({ length: body.length })))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const address = app.server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => app.close())

  const head = (length: number): string =>
    `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n`
  const chunked = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n'
  const chunk = (length: number): string => `${length.toString(16)}\r\n${' '.repeat(length)}\r\n`

  async function dial(): Promise<{ socket: Socket; answers: () => string[] }> {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', data => {
      text += data
    })
    // Cut off, it has heard fewer answers: that is what is looked at.
    socket.on('error', () => {})
    await once(socket, 'connect')
    return { socket, answers: () => [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => String(status)) }
  }

  it.concurrent.each([
    ['because it took too long', '408', head(100) + ' '.repeat(50), ' '.repeat(50)],
    ['because it says that it is too long', '413', head(MAX_BYTES + 100) + ' '.repeat(50), ' '.repeat(MAX_BYTES + 50)],
    ['because it became too long', '413', chunked + chunk(900) + chunk(900), `${chunk(10)}0\r\n\r\n`],
  ])('%s may be finished, and its connection be used again and again', async (_, refusal, first, rest) => {
    const { socket, answers } = await dial()
    socket.write(first)
    await eventually(() => expect(answers()).toEqual([refusal]))
    socket.write(rest)
    socket.write(`${head(5)}12345`)
    await eventually(() => expect(answers()).toEqual([refusal, '200']))
    await sleep(LATER_MS)
    socket.write(`${head(5)}12345`)
    await eventually(() => expect(answers()).toEqual([refusal, '200', '200']))
    socket.destroy()
  })

  it('is cut off when it goes on and on', async () => {
    const { socket, answers } = await dial()
    const closed = once(socket, 'close')
    socket.write(chunked + chunk(1_100))
    await eventually(() => expect(answers()).toEqual(['413']))
    await closed
  })
})
