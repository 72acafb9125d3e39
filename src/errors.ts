/**
 * Every error we throw on purpose: a stable code, what happened and what to do or what happens next, and the cause.
 * The codes are listed in docs/errors.md (a test compares them).
 */
export class ObservabilityError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ObservabilityError'
    this.code = code
  }
}

export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_MISSING'
  | 'DATABASE_WRITE_FAILED'
  | 'EMBEDDED_POSTGRES_FAILED'
  | 'MIGRATION_EDITED'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_UNKNOWN'
  | 'METADATA_INVALID'
  | 'HASURA_UNREACHABLE'
  | 'HASURA_REFUSED'
  | 'HASURA_CONFLICT'
  | 'HASURA_SOURCE_TAKEN'
  | 'PAYLOAD_INVALID'
  | 'TRACKING_TOKEN_INVALID'
  | 'EVENT_TRIGGERS_UNSUPPORTED'
  | 'ALREADY_RUNNING'
  | 'PORT_TAKEN'
  | 'TOPIC_INVALID'
  | 'READ_REFUSED'
  | 'REPLAY_FORBIDDEN'
  | 'REPLAY_NOT_FOUND'
  | 'REPLAY_UNAVAILABLE'
  | 'REPLAY_PAYLOAD_INCOMPLETE'
  | 'REPLAY_FAILED'
  | 'REPLAY_NOT_RECORDED'
  | 'INGEST_UNAUTHORIZED'
  | 'INGEST_FORBIDDEN'
  | 'INGEST_ORIGIN_REFUSED'
  | 'INGEST_BODY_INVALID'
  | 'INGEST_BODY_TOO_LARGE'
  | 'INGEST_BODY_SLOW'
  | 'INGEST_MEDIA_TYPE_UNSUPPORTED'
  | 'INGEST_RATE_LIMITED'
  | 'INGEST_BUSY'
  | 'INGEST_UNAVAILABLE'
  | 'EVENT_INVALID'
  | 'EVENT_TOO_LARGE'
  | 'EVENT_REFUSED'
  | 'NAMESPACE_FORBIDDEN'

/** The message of anything that was thrown, an Error or not. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  try {
    return String(thrown)
  } catch {
    // An object whose toString throws still was an error; its kind is all that can be said.
    return `a thrown ${typeof thrown}`
  }
}
