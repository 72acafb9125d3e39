import { useState } from 'react'

/** A preference of this browser, one of a few words. */
export function useStored<T extends string>(key: string, otherwise: T, known: readonly T[]): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const stored = readStored(key)
    return known.find(item => item === stored) ?? otherwise
  })
  return [
    value,
    next => {
      setValue(next)
      writeStored(key, next)
    },
  ]
}

export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Where storage is switched off the value lasts until the page is closed. */
export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Nothing to do: the caller keeps the value in memory.
  }
}
