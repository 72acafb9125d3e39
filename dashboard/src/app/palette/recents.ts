import { readStored, writeStored } from '../../components/use-stored.ts'

export interface Recent {
  href: string
  title: string
}

const KEY = 'observability.recents'
const MAX_RECENTS = 8

/** What was opened last in this browser, the newest first. Addresses only, no data. */
export function readRecents(): Recent[] {
  try {
    const value: unknown = JSON.parse(readStored(KEY) ?? '[]')
    return Array.isArray(value) ? value.filter(isRecent).slice(0, MAX_RECENTS) : []
  } catch {
    return []
  }
}

export function rememberRecent(recent: Recent): void {
  const others = readRecents().filter(other => other.href !== recent.href)
  writeStored(KEY, JSON.stringify([recent, ...others].slice(0, MAX_RECENTS)))
}

function isRecent(value: unknown): value is Recent {
  const { href, title } = (value ?? {}) as Partial<Recent>
  return typeof href === 'string' && href.startsWith('/') && !href.startsWith('//') && typeof title === 'string'
}
