import { type KnownUsers, revealUsers } from '../../model/hidden-users.ts'

const KEY = 'observability.users'
let memory: Record<string, string> = {}

/** Kept until the tab is closed. */
export const knownUsers: KnownUsers = {
  read() {
    try {
      return { ...memory, ...JSON.parse(sessionStorage.getItem(KEY) ?? '{}') }
    } catch {
      return memory
    }
  },
  write(users) {
    memory = users
    try {
      sessionStorage.setItem(KEY, JSON.stringify(users))
    } catch {
      // Kept in memory until the page is closed.
    }
  },
}

/** The search as the database is asked: with the users' addresses. */
export function reveal<TSearch extends { q?: string }>(search: TSearch): TSearch {
  return search.q ? { ...search, q: revealUsers(search.q, knownUsers) } : search
}
