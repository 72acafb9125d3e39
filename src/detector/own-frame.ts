import { AsyncResource } from 'node:async_hooks'

/**
 * Calls an async function in an async frame of its own. A store that a hook enters with `AsyncLocalStorage.enterWith`
 * is then seen by what this call does later, but neither by its caller nor by calls beside it.
 */
export function inOwnFrame<Args extends unknown[], Result>(
  call: (...args: Args) => Promise<Result>,
  ...args: Args
): Promise<Result> {
  return new AsyncResource('event-detector').runInAsyncScope(call, undefined, ...args)
}
