import { describe, expect, it } from 'vitest'
import { dryRun, job, run } from '../../src/detector/detector.ts'
import type { EventModule, NamedEventModule } from '../../src/detector/types.ts'

const payload = () => ({ id: 'e', event: { op: 'INSERT' as const, data: { old: null, new: { n: 1 } } } })
const module = (name: string, detector: EventModule['detector'], calls: string[] = []): NamedEventModule => ({
  name,
  detector,
  handler: async () => {
    calls.push(name)
    return []
  },
})

describe('a dry run', () => {
  it('asks each detector, and runs neither handlers nor the jobs that a detector starts by itself', async () => {
    const calls: string[] = []
    const eventModules = [
      module('yes', () => true, calls),
      module('no', () => false, calls),
      module('throws', () => Promise.reject(new Error('no such column')), calls),
      module(
        'busy',
        async (name, hasuraEvent) => {
          const results = await run(name, hasuraEvent, [job(() => calls.push('job'))])
          return results.length > 0
        },
        calls,
      ),
    ]
    const verdicts = await dryRun(payload(), { eventModules })
    expect(verdicts).toMatchObject([
      { name: 'yes', detected: true },
      { name: 'no', detected: false },
      { name: 'throws', detected: false, error: { message: 'no such column' } },
      { name: 'busy', detected: false },
    ])
    expect(calls).toEqual([])
  })

  it('gives detectors a copy with what they are used to find on it', async () => {
    const given = payload()
    const seen: unknown[] = []
    const eventModules = [
      module('writes', (_name, hasuraEvent) => {
        seen.push(hasuraEvent.__context, hasuraEvent.__correlationId)
        hasuraEvent.event.op = 'DELETE'
        return true
      }),
    ]
    await dryRun(given, { eventModules, context: { tenant: 7 } })
    expect(seen).toEqual([{ tenant: 7 }, expect.stringMatching(/^[0-9a-f-]{36}$/)])
    expect(given).toEqual(payload())
  })

  it('does not wait for ever', async () => {
    const eventModules = [module('hangs', () => new Promise<boolean>(() => {})), module('yes', () => true)]
    expect(await dryRun(payload(), { eventModules, timeLimitMs: 20 })).toMatchObject([
      { name: 'hangs', detected: false, error: { message: 'no answer within 20 ms' } },
      { name: 'yes', detected: true },
    ])
  })

  it('says that there are no modules where their folder is not there', async () => {
    await expect(dryRun(payload(), { eventModulesDirectory: '/no/such/folder' })).rejects.toThrow(/cannot be read/)
    expect(await dryRun({ not: 'an event' })).toEqual([])
  })
})
