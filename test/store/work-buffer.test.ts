import { beforeEach, describe, expect, it } from 'vitest'
import { Pack } from '../../src/store/pack.ts'
import { Packer } from '../../src/store/packer.ts'
import { StoredChanges } from '../../src/store/stored-changes.ts'
import { WorkBuffer } from '../../src/store/work-buffer.ts'
import { recorderTo } from './support/recorder-to.ts'

describe('the buffer of work', () => {
  let buffer: WorkBuffer
  let host: ReturnType<typeof recorderTo>
  beforeEach(() => {
    buffer = new WorkBuffer({ maxRows: 1_000, maxBytes: 1e6 }, new Packer(new StoredChanges()))
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

  it('keeps an invocation together until its last job has ended', () => {
    const { payload } = host.start()
    host.recorder.startJob('slow', {}, 'event', payload)
    host.recorder.endInvocation(payload, { timedOut: true }, 5)
    host.recorder.endJob('slow', { completed: true }, 'event', payload, 7)
    host.recorder.endHandler('event', payload, 8)
    host.recorder.endInvocation(payload, {}, 9)
    expect(tables()).toEqual(['pack of 3'])
  })
})
