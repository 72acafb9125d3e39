import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'

const here = import.meta.dirname
const OUTPUT = path.join(here, '../../../.bench/test/bench/support')

/**
 * Compiles what lies in this folder and what it imports. Measured is what users run: the loader that runs TypeScript gives
 * every function its name with a call, and reads source maps for every stack.
 */
export function compileSupport(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', path.join(here, '../tsconfig.json')], { stdio: 'inherit' })
}

/** A process that answers messages, one at a time. Says something by itself when it is ready. */
export class BenchProcess {
  /** What it said when it was ready. */
  readonly greeting: unknown
  readonly #child: ChildProcess

  /** `script` is the name of a compiled file; `flags` are for Node. */
  static async start(script: string, args: string[] = [], flags: string[] = []): Promise<BenchProcess> {
    const child = fork(path.join(OUTPUT, `${script}.js`), args, { execArgv: flags })
    return new BenchProcess(child, await answerOf(child))
  }

  /** The same with a file as it is: where what is measured spends its time in Node and the kernel, not in our functions. */
  static async startSource(script: string, args: string[] = []): Promise<BenchProcess> {
    const child = fork(path.join(here, `${script}.ts`), args, { execArgv: ['--import', 'tsx'] })
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
