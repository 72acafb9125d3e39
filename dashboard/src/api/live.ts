import type { Micros } from '../model/time.ts'
import type { ApiFailure } from './client.ts'

/** What the live indicator may claim. Set by real answers only. */
export interface LiveState {
  /** When the user stopped the moving picture; null while it moves. */
  pausedAt: Micros | null
  /** When the last answer came; null before the first. */
  lastAnswerAt: Micros | null
  /** Null while answers come. */
  failure: ApiFailure | null
}

export interface LiveStore {
  get: () => LiveState
  subscribe: (listener: () => void) => () => void
  answered: (at: Micros) => void
  failed: (failure: ApiFailure) => void
  setPaused: (paused: boolean) => void
  /** Called by the indicator's retry; the poll of the page listens. */
  retry: () => void
  onRetry: (listener: () => void) => () => void
}

export function createLiveStore(): LiveStore {
  let state: LiveState = { pausedAt: null, lastAnswerAt: null, failure: null }
  const listeners = new Set<() => void>()
  const retryListeners = new Set<() => void>()
  const set = (change: Partial<LiveState>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const listen = (to: Set<() => void>) => (listener: () => void) => {
    to.add(listener)
    return () => {
      to.delete(listener)
    }
  }
  return {
    get: () => state,
    subscribe: listen(listeners),
    answered: lastAnswerAt => set({ lastAnswerAt, failure: null }),
    failed: failure => set({ failure }),
    setPaused: paused => set({ pausedAt: paused ? Date.now() * 1000 : null }),
    retry: () => {
      for (const listener of retryListeners) listener()
    },
    onRetry: listen(retryListeners),
  }
}
