import { useEffect, useState } from 'react'
import { useLate } from '../waterfall/use-late.ts'

/** How long nobody has to type before the address says it, in milliseconds. */
const TYPING_MS = 300

/** What is being typed, which the address is told without spaces around it when typing rests. A change of the address wins. */
export function useTyped(value: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value)
  const [, setLate] = useLate(value, onRest, TYPING_MS)
  useEffect(() => setText(before => (before.trim() === value ? before : value)), [value])
  const type = (next: string) => {
    setText(next)
    setLate(next.trim())
  }
  return [text, type]
}
