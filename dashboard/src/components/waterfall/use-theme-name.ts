import { useSyncExternalStore } from 'react'

/** Changes when the page changes between light and dark: what is painted on a canvas must be painted anew. */
export function useThemeName(): string {
  return useSyncExternalStore(subscribe, read)
}

function read(): string {
  return document.documentElement.getAttribute('data-mantine-color-scheme') ?? ''
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  return () => observer.disconnect()
}
