import { readStored, writeStored } from '../../components/use-stored.ts'
import { type InvocationsSearch, parseInvocationsSearch } from './url.ts'

export interface SavedView {
  name: string
  search: InvocationsSearch
}

const KEY = 'observability.views.invocations'

export function readViews(): SavedView[] {
  try {
    const value: unknown = JSON.parse(readStored(KEY) ?? '[]')
    return Array.isArray(value) ? value.flatMap(toView) : []
  } catch {
    return []
  }
}

export function writeViews(views: readonly SavedView[]): void {
  writeStored(KEY, JSON.stringify(views))
}

function toView(value: unknown): SavedView[] {
  const { name, search } = (value ?? {}) as Record<string, unknown>
  if (typeof name !== 'string' || typeof search !== 'object' || search === null) return []
  return [{ name, search: parseInvocationsSearch(search as Record<string, unknown>) }]
}
