import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PluginStatus } from '../../plugin.ts'
import type { ChildOptions } from './recording-child.ts'

export interface RecordingChild {
  process: ChildProcess
  /** Resolves when it begins to work. */
  started: Promise<void>
  /** Resolves with its last words when it is done with its work. */
  ended: Promise<{ status: PluginStatus; jobs: number }>
  exited: Promise<void>
}

/** Starts recording-child.ts. */
export function startRecordingChild(options: ChildOptions): RecordingChild {
  const child = fork(fileURLToPath(new URL('recording-child.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const message = <T>(read: (message: { started?: true; ended?: PluginStatus; jobs?: number }) => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      child.on('message', received => {
        const value = read(received as object)
        if (value !== undefined) resolve(value)
      })
      child.once('exit', code => reject(new Error(`the child ended with ${code} before it said so`)))
    })
  const started = message(({ started }) => started).then(() => {})
  const ended = message(({ ended, jobs }) => (ended ? { status: ended, jobs: jobs ?? 0 } : undefined))
  // Whoever waits for it is told; nobody has to.
  ended.catch(() => {})
  return { process: child, started, ended, exited: new Promise(resolve => child.once('exit', () => resolve())) }
}
