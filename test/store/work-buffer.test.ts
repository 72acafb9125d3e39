import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Journal } from '../../src/buffer/journal/journal.ts'
import { Pack } from '../../src/store/pack.ts'
import { Packer } from '../../src/store/packer.ts'
import { recordCodec } from '../../src/store/record-codec.ts'
import { type Held, recordBytes, type StoreRecord } from '../../src/store/store-record.ts'
import { StoredChanges } from '../../src/store/stored-changes.ts'
import { WorkBuffer } from '../../src/store/work-buffer.ts'
import { recorderTo } from './support/recorder-to.ts'

const LIMITS = { maxRows: 1_000, maxBytes: 1e6 }

describe('the buffer of work', () => {
  const lost: string[] = []
  let buffer: WorkBuffer
  let host: ReturnType<typeof recorderTo>
  beforeEach(() => {
    lost.length = 0
    buffer = new WorkBuffer(LIMITS, new Packer(new StoredChanges()), work => lost.push(work.id))
    host = recorderTo(work => {
      if (work.table !== 'events') buffer.changed(work)
    })
  })
  const tables = (before?: number): string[] =>
    buffer.take(100, before).map(({ row }) => (row instanceof Pack ? `pack of ${row.rows}` : row.table))

  it('gives what has ended, and leaves what came just now for the next time', () => {
    host.invoke({ jobs: [{ name: 'a' }] })
    host.start()
    expect(buffer.rows).toBe(5)
    expect(tables(performance.now() - 25)).toEqual(['pack of 3'])
    expect(buffer.rows).toBe(2)
  })

  it('gives what came just now when there is nothing else', () => {
    host.start()
    expect(tables(performance.now() - 25)).toEqual(['invocations', 'event_executions'])
    expect([buffer.rows, buffer.bytes, buffer.oldest]).toEqual([0, 0, Number.POSITIVE_INFINITY])
  })

  it('tells of work that cannot be written, and keeps all else whole', () => {
    const [before, broken] = [host.invoke({ jobs: [{ name: 'a' }] }), host.invoke({ jobs: [{ name: 'b' }] })]
    // A defect of ours that shows only in the middle of the row.
    broken.errorMessage = { length: 1 } as never
    const after = host.invoke({ jobs: [{ name: 'c' }] })
    const batch = buffer.take(100)
    expect([lost, batch.length, buffer.rows]).toEqual([[broken.id], 1, 0])
    const records = batch.flatMap(({ row }) => (row as Pack).records())
    expect(records.filter(({ table }) => table === 'invocations').map(({ row }) => row.id)).toEqual([
      before.id,
      after.id,
    ])
    expect(records.filter(({ table }) => table === 'job_executions').map(({ row }) => row)).toMatchObject(
      ['a', 'b', 'c'].map(job_name => ({ job_name, status: 'completed' })),
    )
  })

  it('holds at most twice the memory that it counts', () => {
    const text = 'x'.repeat(60_000)
    host.invoke({ jobs: [{ name: 'a', result: [text, text, text] }], note: [text, text, text] })
    const parts = buffer.take(100).flatMap(({ row }) => (row as Pack).parts)
    const large = parts.filter(({ bytes }) => bytes.length > 100_000)
    expect(large.map(({ table }) => table)).toEqual(['invocations', 'job_executions', 'events'])
    for (const { bytes } of large) expect(bytes.buffer.byteLength).toBeLessThanOrEqual(2 * bytes.length)
  })

  it('never writes into memory that it shares with the application, however large the pool of that is', () => {
    const { poolSize } = Buffer
    Buffer.poolSize = 72 * 1_024
    const own = Array.from({ length: 9 }, () => Buffer.from('h'.repeat(1_000)))
    const packer = new Packer(new StoredChanges())
    const note = 'x'.repeat(50_000)
    for (const size of [1, note.length, 1, note.length]) {
      packer.add(host.invoke({ jobs: [], note: note.slice(-size) }))
      packer.stored(packer.seal() as Pack)
    }
    Buffer.poolSize = poolSize
    expect(own.map(String)).toEqual(own.map(() => 'h'.repeat(1_000)))
  })

  it('counts long messages of errors, also before there is a row', () => {
    const error = Object.assign(new Error('x'.repeat(50_000)), { stack: '' })
    const invocation = host.start()
    const { payload, events } = invocation
    host.recorder.startJob('a', {}, 'event', payload)
    const works = [invocation, ...events, ...events.flatMap(event => event.jobs)]
    host.recorder.endJob('a', { completed: false, error }, 'event', payload, 1)
    host.recorder.error(error, 'event_handler', { eventName: 'event', hasuraEvent: payload })
    host.recorder.endInvocation(payload, { error }, 1)
    expect(works.map(work => work.table)).toEqual(['invocations', 'event_executions', 'job_executions'])
    for (const work of works) {
      expect(recordBytes(work)).toBeGreaterThan(100_000)
      expect(recordBytes({ table: work.table, row: work.row } as StoreRecord)).toBe(recordBytes(work))
    }
  })

  it('keeps an invocation together until its last job has ended', () => {
    const { payload } = host.start()
    host.recorder.startJob('slow', {}, 'event', payload)
    host.recorder.endInvocation(payload, { timedOut: true }, 5)
    host.recorder.endJob('slow', { completed: true }, 'event', payload, 7)
    host.recorder.endHandler('event', payload, 8)
    host.recorder.endInvocation(payload, {}, 9)
    expect(tables()).toEqual(['pack of 3'])
  })

  it('gives the journal what still runs at once when that asks late', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'work-buffer-'))
    const fail = (error?: unknown) => {
      throw error
    }
    const options = { directory, maxBytes: 1e6, fsync: false, codec: recordCodec, onFailure: fail, onRecovered: fail }
    const journal = new Journal<Held>(options)
    await journal.start()
    const appended = vi.spyOn(journal, 'append')
    buffer = new WorkBuffer(LIMITS, new Packer(new StoredChanges()), fail, journal)
    buffer.collect(false)
    host.start()
    // A write that takes long, or an event loop that is busy.
    for (const until = performance.now() + 11; performance.now() < until; );
    buffer.collect(false)
    expect(appended.mock.calls.map(([{ row }]) => row instanceof Pack || row.table)).toEqual([
      'invocations',
      'event_executions',
    ])
    await journal.stop()
    await rm(directory, { recursive: true })
  })
})
