import type { Correlation } from '../correlation/extract.ts'
import { parseTrackingToken } from '../correlation/tracking-token.ts'
import { isUuid } from '../correlation/uuid.ts'
import { cleanText } from './clean-text.ts'
import type { InvocationOptions } from './source.ts'

/** Longest text of a reason. */
export const MAX_REASON_LENGTH = 2_048

interface HostPayload {
  __sourceJobId?: unknown
}

export interface CorrelationOrigin {
  source: string
  detail: string | null
}

/** Where the correlation id in use came from, and where exactly, or why it had to be made. */
export function correlationOrigin(
  correlation: Correlation,
  used: string,
  payload: object,
  options: InvocationOptions,
): CorrelationOrigin {
  const detail = cleanText(correlation.detail, MAX_REASON_LENGTH)
  if (correlation.source === 'replay') return { source: 'replay', detail }
  if (correlation.source !== null && correlation.correlationId === used) return { source: correlation.source, detail }
  if (typeof options.correlationId === 'string' && options.correlationId.toLowerCase() === used) {
    const token = parseTrackingToken(options.sourceTrackingToken)
    const byPlugin = token?.correlationId === used || isUuid((payload as HostPayload).__sourceJobId)
    return byPlugin
      ? { source: 'host_plugin', detail: 'found by another plugin of the host' }
      : { source: 'caller', detail: 'options.correlationId' }
  }
  return { source: 'generated', detail }
}

/** The job whose write fired an invocation. */
export function sourceJobOf(correlation: Correlation, payload: object): string | null {
  if (correlation.sourceJobId !== null) return correlation.sourceJobId
  // The host's own extraction plugin takes a payload that is sent again for the change itself.
  if (correlation.source === 'replay') return null
  const hosts = (payload as HostPayload).__sourceJobId
  if (!isUuid(hosts)) return null
  const id = hosts.toLowerCase()
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
