import { describe, expect, it } from 'vitest'
import { captureConsole } from '../../src/record/console-capture.ts'

function fakeConsole() {
  const calls: unknown[][] = []
  const method =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args])
    }
  const names = ['debug', 'log', 'info', 'warn', 'error', 'trace']
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
})
