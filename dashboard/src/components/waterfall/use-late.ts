import { useCallback, useEffect, useRef, useState } from 'react'

/**
 * A value that changes here at once and is passed on when it has rested: typing and zooming must not write the address
 * with each step. A change from outside wins. Values must be plain JSON.
 */
export function useLate<T>(value: T, onRest: (value: T) => void, restMs: number): [T, (next: T) => void] {
  const [draft, setDraft] = useState<{ value: T } | null>(null)
  const latest = useRef(onRest)
  latest.current = onRest
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const passedOn = useRef<string | null>(null)
  const key = JSON.stringify(value)
  useEffect(() => {
    if (passedOn.current === key) {
      // Our own value has come back; what was typed meanwhile stays.
      setDraft(before => (before && JSON.stringify(before.value) === key ? null : before))
      return
    }
    setDraft(null)
    clearTimeout(timer.current)
  }, [key])
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = useCallback(
    (next: T) => {
      setDraft({ value: next })
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        passedOn.current = JSON.stringify(next)
        latest.current(next)
      }, restMs)
    },
    [restMs],
  )
  return [draft ? draft.value : value, change]
}
