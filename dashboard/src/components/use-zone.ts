import { useSyncExternalStore } from 'react'
import type { Zone } from '../model/time.ts'

const KEY = 'observability.zone'
const listeners = new Set<() => void>()
let zone: Zone = read()

/** The zone all times are shown in, and how to change it. Kept in this browser. */
export function useZone(): [Zone, (zone: Zone) => void] {
  return [useSyncExternalStore(subscribe, () => zone), change]
}

function change(next: Zone): void {
  zone = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Storage is switched off: the choice lasts until the page is closed.
  }
  for (const listener of listeners) listener()
}

function read(): Zone {
  try {
    return localStorage.getItem(KEY) === 'utc' ? 'utc' : 'local'
  } catch {
    return 'local'
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
