import { type ErrorCode, ObservabilityError } from '../errors.ts'

export interface HttpErrorOptions extends ErrorOptions {
  /** For the header Retry-After. */
  retryAfterSeconds?: number
}

/** An error that is answered with an HTTP status of its own. */
export class HttpError extends ObservabilityError {
  readonly status: number
  readonly retryAfterSeconds: number | null

  constructor(status: number, code: ErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options)
    this.name = 'HttpError'
    this.status = status
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** Errors of what is beneath the server, as they are answered. Others stay what they are. */
export function toHttpError(error: unknown): unknown {
  if (!(error instanceof ObservabilityError) || error instanceof HttpError) return error
  const { message } = error
  if (error.code === 'INGEST_BUSY')
    return new HttpError(429, error.code, message, { cause: error, retryAfterSeconds: 1 })
  if (error.code === 'INGEST_UNAVAILABLE') {
    return new HttpError(503, error.code, message, { cause: error, retryAfterSeconds: 5 })
  }
  return error
}
