import type { Session } from '../execute/session.ts'

/** By lower-case name. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Who asks, and until when that is known. */
export interface Authenticated {
  readonly session: Session
  /** In milliseconds since 1970; null: without end. */
  readonly expiresAt: number | null
  /** Calls when it ends before that: somebody logs out. Returns how to stop waiting for it. Undefined: it does not. */
  readonly onEnd?: (listener: () => void) => () => void
}

/** Rejects with GraphqlError: `access-denied`, `invalid-headers`, `invalid-jwt`, … */
export type Authenticate = (headers: Headers) => Promise<Authenticated>
