import { Console } from 'node:console'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { captureConsole } from '../../src/record/console-capture.ts'

function fakeConsole() {
  const calls: unknown[][] = []
  const method =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args])
    }
  const names = ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir', 'dirxml']
  const target = Object.fromEntries(names.map(name => [name, method(name)])) as unknown as Console
  return { target, calls }
}

describe('console capture', () => {
  it('records lines and leaves the application’s output as it was', () => {
    const { target, calls } = fakeConsole()
    const lines: string[] = []
    const stop = captureConsole((level, message) => lines.push(`${level} ${message}`), target)
    target.log('a %s', 'b', { c: 1 })
    target.error(new Error('boom').message)
    expect(calls).toEqual([
      ['log', 'a %s', 'b', { c: 1 }],
      ['error', 'boom'],
    ])
    expect(lines).toEqual(['info a b { c: 1 }', 'error boom'])
    stop()
    target.log('later')
    expect(lines).toHaveLength(2)
    expect(calls).toHaveLength(3)
  })

  it('keeps errors of its listener, and loops through it, away from the application', () => {
    const { target, calls } = fakeConsole()
    captureConsole(() => {
      target.warn('from within')
      throw new Error('listener')
    }, target)
    expect(() => target.log('x')).not.toThrow()
    expect(calls).toEqual([
      ['log', 'x'],
      ['warn', 'from within'],
    ])
  })

  it('goes quiet but stays in place under someone who wrapped the console later', () => {
    const { target, calls } = fakeConsole()
    const lines: string[] = []
    const stop = captureConsole((_, message) => lines.push(message), target)
    const ours = target.log
    target.log = (...args: unknown[]) => ours('wrapped', ...args)
    stop()
    target.log('x')
    expect(calls).toEqual([['log', 'wrapped', 'x']])
    expect(lines).toEqual([])
  })

  it('records what every method of the console prints, once, and prints the same', async () => {
    const use = async (listener: ((line: string) => void) | null): Promise<string> => {
      const stream = new PassThrough()
      const target = new Console({ stdout: stream, colorMode: false })
      // The methods of the global console are bound to it.
      for (const [name, method] of Object.entries(target)) {
        if (typeof method === 'function') Object.assign(target, { [name]: method.bind(target) })
      }
      if (listener) captureConsole((level, message) => listener(`${level} ${message}`), target)
      target.log('%d of %s', 1, 'two', { a: 1n })
      target.info()
      target.debug('fine')
      target.table([{ a: 1 }])
      target.assert(true, 'not this')
      target.assert(false, 'not so')
      target.count('n')
      target.group('outer')
      target.warn('inner')
      target.groupEnd()
      target.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })
      target.dirxml('x', [1])
      target.time('t')
      target.timeEnd('t')
      target.error(new RangeError('broke'))
      target.trace('here %s', 'now')
      stream.end()
      const withoutPlaces = (await text(stream)).replaceAll(/\n +at .*/g, '')
      return withoutPlaces.replace(/^t: .*$/m, 't')
    }
    const lines: string[] = []
    expect(await use(line => lines.push(line))).toBe(await use(null))
    expect(lines.map(line => line.split('\n')[0])).toEqual([
      'info 1 of two { a: 1n }',
      'info ',
      'debug fine',
      expect.stringMatching(/^info ┌/),
      'warn Assertion failed: not so',
      'info n: 1',
      'info outer',
      'warn inner',
      'info { a: [Object] }',
      'info x [ 1 ]',
      expect.stringMatching(/^info t: /),
      'error RangeError: broke',
      'trace Trace: here now',
    ])
    expect(lines.at(-1)).toMatch(/\n +at /)
  })

  it('lets through what the console throws, and records on', () => {
    const { target } = fakeConsole()
    const lines: string[] = []
    const print = target.log
    target.log = () => {
      throw new Error('the pipe is broken')
    }
    captureConsole((_, message) => lines.push(message), target)
    expect(() => target.log('x')).toThrow('the pipe is broken')
    target.warn('y')
    expect([lines, print]).toEqual([['y'], expect.any(Function)])
  })
})
