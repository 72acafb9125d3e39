/** Who looks, as `GET /session` says. */
export interface Session {
  /** Whether nobody sees anything without logging in. */
  required: boolean
  canLogIn: boolean
  /** `admin` where nobody is asked; null: not logged in. */
  role: string | null
}

/** Null where the server does not know about sessions: then whoever asks may look. */
export async function fetchSession(signal?: AbortSignal): Promise<Session | null> {
  const response = await fetch('/session', { headers: { accept: 'application/json' }, ...(signal && { signal }) })
  if (response.status === 404) return null
  if (!response.ok) throw new Error(`/session answered ${response.status}`)
  return parseSession(await response.json())
}

export function parseSession(value: unknown): Session {
  const { required, canLogIn, role } = (value ?? {}) as Record<string, unknown>
  return { required: required === true, canLogIn: canLogIn === true, role: typeof role === 'string' ? role : null }
}

/** Resolves to null when it worked, else to what to tell the person. */
export async function logIn(password: string): Promise<string | null> {
  const response = await fetch('/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password }),
  })
  if (response.ok) return null
  const { error } = (await response.json().catch(() => ({}))) as { error?: unknown }
  return typeof error === 'string' ? error : `The server answered ${response.status}`
}

export async function logOut(): Promise<void> {
  await fetch('/logout', { method: 'POST' })
}
