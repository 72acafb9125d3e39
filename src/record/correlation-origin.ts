import type { Correlation } from '../correlation/extract.ts'
import { parseTrackingToken } from '../correlation/tracking-token.ts'
import { isUuid } from '../correlation/uuid.ts'
import { cleanText } from './clean-text.ts'

/** Longest text of a reason. */
export const MAX_REASON_LENGTH = 2_048

/** What the caller, or another plugin of the host, says. */
interface Given {
  correlationId: unknown
  token: unknown
  jobId: unknown
}

export interface CorrelationOrigin {
  source: string
  detail: string | null
}

/** Where the correlation id in use came from, and where exactly, or why it had to be made. */
export function correlationOrigin(correlation: Correlation, used: string, given: Given): CorrelationOrigin {
  const detail = cleanText(correlation.detail, MAX_REASON_LENGTH)
  if (correlation.source === 'replay') return { source: 'replay', detail }
  if (correlation.source !== null && correlation.correlationId === used) return { source: correlation.source, detail }
  if (typeof given.correlationId === 'string' && given.correlationId.toLowerCase() === used) {
    const byPlugin = parseTrackingToken(given.token)?.correlationId === used || isUuid(given.jobId)
    return byPlugin
      ? { source: 'host_plugin', detail: 'found by another plugin of the host' }
      : { source: 'caller', detail: 'options.correlationId' }
  }
  return { source: 'generated', detail }
}

/** The job whose write fired an invocation. `given` is what the host's own extraction plugin found. */
export function sourceJobOf(correlation: Correlation, given: unknown): string | null {
  if (correlation.sourceJobId !== null) return correlation.sourceJobId
  // The host's own extraction plugin takes a payload that is sent again for the change itself.
  if (correlation.source === 'replay') return null
  if (!isUuid(given)) return null
  const id = given.toLowerCase()
  // The host's own extraction plugin takes a token for fresh that this change did not write.
  return id === correlation.previousJobId ? null : id
}

/** The token that jobs carry on: only one of the correlation id in use. */
export function tokenFor(correlationId: string, ...tokens: unknown[]): string | null {
  for (const token of tokens) {
    if (parseTrackingToken(token)?.correlationId === correlationId) return token as string
  }
  return null
}
