import { useEffect, useRef } from 'react'

type Keys = Record<string, (event: KeyboardEvent) => unknown>

/** How long after `g` the second key may come, in milliseconds. */
const SEQUENCE_MS = 1_200

/**
 * Keys of a page, by `event.key`; `mod+k` means Ctrl or Meta. Silent while typing, in dialogs and menus (but for `mod+`
 * keys), and with Ctrl, Alt or Meta held. A handler that returns false leaves the key to the browser. `go` is told the
 * key after `g`.
 */
export function useKeys(keys: Keys, { go }: { go?: (key: string) => unknown } = {}): void {
  const latest = useRef({ keys, go })
  latest.current = { keys, go }
  useEffect(() => {
    let goUntil = 0
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return
      const isModified = event.ctrlKey || event.metaKey
      const handler = latest.current.keys[isModified ? `mod+${event.key.toLowerCase()}` : event.key]
      if (isModified) {
        if (handler && handler(event) !== false) event.preventDefault()
        return
      }
      if (isTaken(event.target)) return
      if (latest.current.go && Date.now() < goUntil) {
        goUntil = 0
        if (latest.current.go(event.key) !== false) event.preventDefault()
        return
      }
      if (event.key === 'g' && latest.current.go) {
        goUntil = Date.now() + SEQUENCE_MS
        return
      }
      if (handler && handler(event) !== false) event.preventDefault()
    }
    // The sequence comes first: its second key means something else alone.
    const capture = go !== undefined
    window.addEventListener('keydown', onKeyDown, { capture })
    return () => window.removeEventListener('keydown', onKeyDown, { capture })
  }, [go !== undefined])
}

function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"]:not([data-page-keys]), [role="listbox"], [role="menu"]',
    ) !== null
  )
}
