/** Hasura's error codes that this endpoint answers with. */
export type GraphqlErrorCode =
  | 'validation-failed'
  | 'parse-failed'
  | 'not-supported'
  | 'not-found'
  | 'permission-error'
  | 'constraint-violation'
  | 'constraint-error'
  | 'data-exception'
  | 'bad-request'
  | 'access-denied'
  | 'invalid-headers'
  | 'invalid-jwt'
  | 'jwt-invalid-claims'
  | 'jwt-missing-role-claims'
  | 'invalid-json'
  | 'timeout'
  | 'busy'
  | 'rate-limit-exceeded'
  | 'unexpected-payload'
  | 'start-failed'
  | 'unexpected'

/** Where in a request something stands: a list from the inside out, so that going deeper copies nothing. */
export interface Path {
  readonly parent: Path | null
  readonly key: string | number
  readonly depth: number
}

export function below(parent: Path | null, ...keys: (string | number)[]): Path {
  let path = parent
  for (const key of keys) path = { parent: path, key, depth: (path?.depth ?? 0) + 1 }
  return path as Path
}

/** `$.selectionSet.author.args.where.id._eq` */
export function pathText(path: Path | null): string {
  const keys: string[] = []
  for (let at = path; at !== null; at = at.parent) {
    if (typeof at.key === 'number') keys.push(`[${at.key}]`)
    else keys.push(/^[A-Za-z_][A-Za-z0-9_-]*$/.test(at.key) ? `.${at.key}` : `['${at.key}']`)
  }
  return `$${keys.reverse().join('')}`
}

/** An error of the request, answered in Hasura's shape: a code, a path and a text, with HTTP status 200. */
export class GraphqlError extends Error {
  readonly code: GraphqlErrorCode
  readonly path: Path | null
  /** Detail for the role admin only. */
  readonly internal: Record<string, unknown> | undefined

  constructor(
    code: GraphqlErrorCode,
    message: string,
    path: Path | null = null,
    internal?: Record<string, unknown>,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'GraphqlError'
    this.code = code
    this.path = path
    this.internal = internal
  }
}

export function invalid(message: string, path: Path | null = null): never {
  throw new GraphqlError('validation-failed', message, path)
}

/** The body that answers a failed request. */
export function errorBody(error: GraphqlError, role: string): string {
  return `{"errors":${errorList(error, role)}}`
}

/** The list of errors of a response, as JSON text. */
export function errorList(error: GraphqlError, role: string): string {
  const internal = role === 'admin' && error.internal !== undefined ? { internal: error.internal } : {}
  return JSON.stringify([
    { message: error.message, extensions: { path: pathText(error.path), code: error.code, ...internal } },
  ])
}
