import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ListenToOptions, listenTo, PluginManager } from '../../src/detector/detector.ts'
import { orderChange, RecordingPlugin, undetected } from './support.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'event-modules-'))
})
afterAll(() => rm(root, { recursive: true }))

const says = (answer: boolean): string =>
  `export const detector = async () => ${answer}\nexport const handler = async () => undefined\n`

async function directory(name: string, files: Record<string, string>): Promise<string> {
  const path = join(root, name)
  await mkdir(path)
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  return path
}

async function listen(options: ListenToOptions) {
  const recorder = new RecordingPlugin()
  const pluginManager = new PluginManager().register(recorder)
  const response = await listenTo(orderChange(), { pluginManager, ...options })
  return { response, recorder, names: response.events.map(event => event.name) }
}

describe('event modules in a directory', () => {
  it('are its modules, without declarations, tests, the index and other files, in the order of their names', async () => {
    const eventModulesDirectory = await directory('all', {
      'orders.shipped.mjs': says(false),
      'orders.placed.mjs': says(true),
      'accounts.closed.js': says(false),
      'drivers.moved.ts': says(true),
      'orders.placed.test.mjs': 'throw new Error()',
      'drivers.moved.d.ts': 'export {}',
      'index.mjs': 'throw new Error()',
      'package.json': '{"type":"module"}',
      'notes.md': '',
    })
    const { response, recorder } = await listen({ eventModulesDirectory })
    expect(response.events.map(event => [event.name, event.detected])).toEqual([
      ['accounts.closed', false],
      ['drivers.moved', true],
      ['orders.placed', true],
      ['orders.shipped', false],
    ])
    expect(recorder.of('onInvocationStart')[0]?.[1]).toMatchObject({
      eventModulesDirectory,
      autoLoadEventModules: true,
    })
  })

  it('are looked for and run once per process', async () => {
    const eventModulesDirectory = await directory('cached', {
      'a.mjs': `let loads = 0\nloads++\nglobalThis.loadsOfA = (globalThis.loadsOfA ?? 0) + loads\n${says(true)}`,
    })
    await listen({ eventModulesDirectory })
    await writeFile(join(eventModulesDirectory, 'b.mjs'), says(true))
    expect((await listen({ eventModulesDirectory })).names).toEqual(['a'])
    expect((globalThis as { loadsOfA?: number }).loadsOfA).toBe(1)
  })

  it('may have their functions on the default export', async () => {
    const eventModulesDirectory = await directory('default', {
      'a.mjs': 'export default { detector: () => true, handler: async () => undefined }',
    })
    expect((await listen({ eventModulesDirectory })).response.events[0]?.detected).toBe(true)
  })

  it('that cannot be loaded or lack a function are not detected, for a reason; the others go on', async () => {
    const eventModulesDirectory = await directory('broken', {
      'a.throws.mjs': 'throw new Error("bad import")',
      'b.handler-only.mjs': 'export const handler = async () => undefined',
      'c.fine.mjs': says(true),
      'd.empty.mjs': '',
    })
    const { response, recorder } = await listen({ eventModulesDirectory })
    expect(response.events.map(event => event.detected)).toEqual([false, false, true, false])
    const reasons = Object.fromEntries(
      recorder.of('onError').map(([error, context, , detail]) => [`${context} ${detail.eventName}`, error.message]),
    )
    expect(reasons['event_detection a.throws']).toMatch(/Event module "a.throws" \(.*\) cannot be loaded: bad import/)
    expect(reasons['event_detection b.handler-only']).toMatch('has no function "detector"')
    expect(reasons['event_detection d.empty']).toMatch('has no function "detector" and no function "handler"')
    expect(recorder.of('onEventDetectionEnd')).toHaveLength(4)
    expect(recorder.of('onLog').filter(([, , data]) => data.logType === 'detector')).toHaveLength(3)
  })

  it('can be named one by one, and a name without a file is not detected', async () => {
    const eventModulesDirectory = await directory('named', { 'a.mjs': says(true), 'b.mjs': says(true) })
    const { response } = await listen({ eventModulesDirectory, eventModules: ['b', undetected('own'), '../all/a'] })
    expect(response.events.map(event => [event.name, event.detected])).toEqual([
      ['b', true],
      ['own', false],
      ['../all/a', false],
    ])
    expect(response.events[2]?.error?.message).toMatch('Event module "../all/a" was not found')
  })

  it('join the given modules when that is asked for, each name once', async () => {
    const eventModulesDirectory = await directory('joined', { 'a.mjs': says(true), 'b.mjs': says(true) })
    const options = { eventModulesDirectory, eventModules: [undetected('a')], autoLoadEventModules: true }
    const { response } = await listen(options)
    expect(response.events.map(event => [event.name, event.detected])).toEqual([
      ['a', false],
      ['b', true],
    ])
  })

  it('are only those that are listened to', async () => {
    const eventModulesDirectory = await directory('listened', { 'a.mjs': says(true), 'b.mjs': says(true) })
    expect((await listen({ eventModulesDirectory, listenedEvents: ['b'] })).names).toEqual(['b'])
    const off = { autoLoadEventModules: false }
    expect((await listen({ eventModulesDirectory, listenedEvents: ['b'], ...off })).names).toEqual(['b'])
    expect((await listen({ eventModulesDirectory, ...off })).names).toEqual([])
  })

  it('may be listed by an index file', async () => {
    const eventModulesDirectory = await directory('indexed', {
      'b.mjs': says(true),
      'c.mjs': says(true),
      'index.mjs': `export default [{ name: 'inline', detector: () => true, handler: async () => undefined }, 'b']`,
    })
    expect((await listen({ eventModulesDirectory, loadModulesFromIndex: true })).names).toEqual(['inline', 'b'])
  })

  it('are none, for a reason, when the directory or its index does not exist', async () => {
    const reasonOf = async (options: ListenToOptions): Promise<string> => {
      const { recorder, names } = await listen(options)
      expect(names).toEqual([])
      expect(recorder.of('onInvocationEnd')).toHaveLength(1)
      return recorder.of('onLog')[0]?.[1]
    }
    expect(await reasonOf({ eventModulesDirectory: join(root, 'missing') })).toMatch(/missing cannot be read: ENOENT/)
    const eventModulesDirectory = await directory('unindexed', { 'a.mjs': says(true) })
    expect(await reasonOf({ eventModulesDirectory, loadModulesFromIndex: true })).toMatch(
      'there is no index.ts, index.js or index.mjs',
    )
  })
})
