import { useCallback, useSyncExternalStore } from 'react'
import type { Micros } from '../model/time.ts'

interface Ticker {
  now: Micros
  listeners: Set<() => void>
  timer: ReturnType<typeof setInterval> | undefined
}

const tickers = new Map<number, Ticker>()

/** The time, renewed every so often. All callers of one pace share one timer, and nobody ticks for 0. */
export function useNow(everyMs: number): Micros {
  // The same function each time: React subscribes anew to another one, and would find another time each time.
  const follow = useCallback((listener: () => void) => subscribe(everyMs, listener), [everyMs])
  return useSyncExternalStore(follow, () => tickerOf(everyMs).now)
}

function tickerOf(everyMs: number): Ticker {
  let ticker = tickers.get(everyMs)
  if (!ticker) {
    ticker = { now: Date.now() * 1000, listeners: new Set(), timer: undefined }
    tickers.set(everyMs, ticker)
  }
  return ticker
}

function subscribe(everyMs: number, listener: () => void): () => void {
  if (everyMs === 0) return () => {}
  const ticker = tickerOf(everyMs)
  ticker.listeners.add(listener)
  if (ticker.timer === undefined) {
    ticker.now = Date.now() * 1000
    ticker.timer = setInterval(() => {
      if (document.hidden) return
      ticker.now = Date.now() * 1000
      for (const notify of ticker.listeners) notify()
    }, everyMs)
  }
  return () => {
    ticker.listeners.delete(listener)
    if (ticker.listeners.size > 0) return
    clearInterval(ticker.timer)
    ticker.timer = undefined
  }
}
