import { HttpError } from '../http-error.ts'
import type { Ingested } from './ingest.ts'

/** The answer to a request of which nothing could be taken: its first reason, in the status that fits it. */
export function refusedAnswer({ refused }: Ingested): HttpError {
  const [first] = refused
  const code = first?.code ?? 'EVENT_INVALID'
  const status = code === 'NAMESPACE_FORBIDDEN' ? 403 : code === 'EVENT_TOO_LARGE' ? 413 : 400
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : ''
  return new HttpError(status, code, `item ${first?.index ?? 0}: ${first?.message}${more}`)
}
