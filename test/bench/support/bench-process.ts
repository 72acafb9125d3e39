import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A process that answers messages, one at a time. Says something by itself when it is ready. */
export class BenchProcess {
  /** What it said when it was ready. */
  readonly greeting: unknown
  readonly #child: ChildProcess

  /** `script` lies beside this file; `flags` are for Node. */
  static async start(script: string, args: string[] = [], flags: string[] = []): Promise<BenchProcess> {
    const child = fork(path.join(import.meta.dirname, script), args, { execArgv: ['--import', 'tsx', ...flags] })
    return new BenchProcess(child, await answerOf(child))
  }

  private constructor(child: ChildProcess, greeting: unknown) {
    this.#child = child
    this.greeting = greeting
  }

  ask(message: object): Promise<unknown> {
    const answer = answerOf(this.#child)
    this.#child.send(message)
    return answer
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null): void => reject(new Error(`a process of the bench ended with ${code}`))
    child.once('exit', failed)
    child.once('message', message => {
      child.off('exit', failed)
      resolve(message)
    })
  })
}
