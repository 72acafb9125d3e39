import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/log.ts'
import { ArrivalTimes } from '../../../src/server/ingest/arrival-times.ts'
import { otlpBytes } from '../../event/otlp-bytes.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { countEvents, post, storedEvents } from './support.ts'

describe('events without a time of their own', () => {
  let first: TestServer
  let second: TestServer
  beforeAll(async () => {
    first = await startTestServer({ shop: false, shopDbUrl: null })
    // It knows no more of what came before than one that was started anew.
    second = await startTestServer({ shop: false, shopDbUrl: null, observabilityDbUrl: first.observability.url })
  })
  afterAll(async () => {
    await second.stop()
    await first.stop()
  })

  it('are the same rows when they come again to a server that has not seen them', async () => {
    const event = { event_type: 'log', event_name: 'tick', ns: 'shop' }
    const broadcast = [
      { ...event, id: 'with-an-id' },
      { ...event, log_message: 'twice' },
      { ...event, log_message: 'twice' },
      { ...event, id: 'of-a-clock-gone-wrong', timestamp: '1970-01-01T00:00:01Z' },
    ]
    const logs = otlpBytes('logs', { resource: { attributes: [] }, item: { body: { stringValue: 'no time' } } })
    const send = async (server: TestServer): Promise<number[]> => {
      const answers = [
        await post(server, '/api/broadcast', broadcast),
        await post(server, '/v1/logs', logs, { 'content-type': 'application/x-protobuf' }),
      ]
      return answers.map(({ status }) => status)
    }
    expect(await send(first)).toEqual([200, 200])
    const stored = await storedEvents(first)
    expect(stored).toHaveLength(5)
    expect(await Promise.all([send(second), send(second)])).toEqual([
      [200, 200],
      [200, 200],
    ])
    expect(await send(first)).toEqual([200, 200])
    expect(await storedEvents(first)).toEqual(stored)
    // One more of them is a new one.
    await post(second, '/api/broadcast', [...broadcast, { ...event, log_message: 'twice' }])
    expect(await countEvents(first)).toBe(6)
  })

  it('count as new while the database is away, and are looked up once, whoever asks', async () => {
    const asked: (readonly string[])[] = []
    const warnings: string[] = []
    const arrivals = new ArrivalTimes({
      readStored: async ids => {
        asked.push(ids)
        throw new Error('away')
      },
      logger: { ...silentLogger, warn: (_details, message) => warnings.push(message) },
    })
    const now = '2026-11-21T12:00:00.000000Z'
    expect(await arrivals.find(['a'], now)).toEqual(new Map([['a', now]]))
    expect(warnings).toHaveLength(1)
    // What is known stays as it is, and after a failure there is a pause.
    expect(await arrivals.find(['a', 'c'], 'later')).toEqual(
      new Map([
        ['a', now],
        ['c', 'later'],
      ]),
    )
    expect(asked).toEqual([['a']])
    const back = new ArrivalTimes({
      readStored: async ids => {
        asked.push(ids)
        return new Map([['b', '2026-01-01T00:00:00.000000Z']])
      },
      logger: silentLogger,
    })
    const both = await Promise.all([back.find(['b', 'd'], now), back.find(['d', 'b'], 'later')])
    expect(both.map(times => [times.get('b'), times.get('d')])).toEqual([
      ['2026-01-01T00:00:00.000000Z', now],
      ['2026-01-01T00:00:00.000000Z', now],
    ])
    expect(asked).toEqual([['a'], ['b', 'd']])
  })
})
