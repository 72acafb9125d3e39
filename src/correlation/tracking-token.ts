import { ObservabilityError } from '../errors.ts'
import { isUuid } from './uuid.ts'

/**
 * What a job writes into a row's `updated_by`, so that the invocation the write fires knows its cause:
 * `source|correlation id|job execution id`, the detector's own format.
 */
export interface TrackingToken {
  /** Who acted: a system's or a user's name. Never empty, never contains `|`. */
  source: string
  correlationId: string
  /** The job whose write it is; absent when no job is behind it. */
  jobExecutionId?: string
}

/** The text of a token. `|` in the source becomes `_`. Throws TRACKING_TOKEN_INVALID when a part is missing. */
export function formatTrackingToken(token: TrackingToken): string {
  const source = token.source.replaceAll('|', '_')
  if (source === '') {
    throw new ObservabilityError('TRACKING_TOKEN_INVALID', 'a tracking token needs a source: name the system or user')
  }
  if (!isUuid(token.correlationId)) {
    throw new ObservabilityError(
      'TRACKING_TOKEN_INVALID',
      `a tracking token needs a UUID as correlation id, got ${JSON.stringify(token.correlationId)}`,
    )
  }
  const start = `${source}|${token.correlationId}`
  return token.jobExecutionId ? `${start}|${token.jobExecutionId.replaceAll('|', '_')}` : start
}

/**
 * Reads a token in any form in use: `source|uuid`, `source|uuid|job`, `source.uuid`, `source.uuid.job`, or a bare UUID
 * (its source is then `unknown`). Null for anything else, an e-mail address included. A job part that is no UUID
 * is left out: it can point at no row.
 */
export function parseTrackingToken(value: unknown): TrackingToken | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (isUuid(text)) return { source: 'unknown', correlationId: text.toLowerCase() }
  return parseParts(text.split('|')) ?? parseDotted(text)
}

// A dotted source may itself contain dots (an e-mail address, a host name), so the UUIDs are looked for from the right.
function parseDotted(text: string): TrackingToken | null {
  const parts = text.split('.')
  const last = parts.length - 1
  if (last >= 2 && isUuid(parts[last]) && isUuid(parts[last - 1])) {
    return parseParts([parts.slice(0, last - 1).join('.'), parts[last - 1] as string, parts[last] as string])
  }
  return parseParts([parts.slice(0, last).join('.'), parts[last] as string])
}

function parseParts(parts: string[]): TrackingToken | null {
  const [source, correlationId, job, ...rest] = parts
  if (!source || !isUuid(correlationId) || rest.length > 0 || job === '') return null
  const token = { source, correlationId: correlationId.toLowerCase() }
  return isUuid(job) ? { ...token, jobExecutionId: job.toLowerCase() } : token
}
