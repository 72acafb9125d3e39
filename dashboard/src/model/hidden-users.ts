const SEARCHED = /(\buser:)("[^"]*"|\S+)/gi
const HIDDEN = /(\buser:)(~[a-z0-9]{6,})/gi

/** The users that were searched for, by the random word that stands for each in an address. */
export interface KnownUsers {
  read: () => Record<string, string>
  write: (users: Record<string, string>) => void
}

/** The search text as it may stand in an address: users by a word that only this browser tab can read. */
export function hideUsers(text: string, users: KnownUsers): string {
  // An address alone can only be a user's.
  const named = text.replace(/(^|\s)([^\s:"]+@[^\s"]+)/g, '$1user:$2')
  return named.replace(SEARCHED, (whole, field: string, value: string) => {
    if (value.startsWith('~')) return whole
    const known = users.read()
    const address = value.replaceAll('"', '')
    const existing = Object.keys(known).find(word => known[word] === address)
    if (existing) return field + existing
    const word = `~${Math.random().toString(36).slice(2, 10).padEnd(6, '0')}`
    users.write({ ...known, [word]: address })
    return field + word
  })
}

/** The search text with the users' addresses, where this tab knows them. */
export function revealUsers(text: string, users: KnownUsers): string {
  return text.replace(HIDDEN, (whole, field: string, word: string) => {
    const address = users.read()[word]
    return address ? `${field}"${address}"` : whole
  })
}

/** Whether a text names a user that this tab does not know: a link from somebody else. */
export function hasUnknownUser(text: string, users: KnownUsers): boolean {
  return revealUsers(text, users).search(HIDDEN) !== -1
}
