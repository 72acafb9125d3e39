import { useEffect, useRef } from 'react'

type Keys = Record<string, (event: KeyboardEvent) => unknown>

/**
 * Keys of a page, by `event.key`. Silent while typing, in dialogs and menus, and with Ctrl, Alt or Meta held. A handler
 * that returns false leaves the key to the browser.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
      const handler = latest.current[event.key]
      if (handler && handler(event) !== false) event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"]:not([data-page-keys]), [role="listbox"], [role="menu"]',
    ) !== null
  )
}
