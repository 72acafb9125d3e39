import type { GraphqlErrorCode } from '../graphql/errors.ts'

const STATUS: Readonly<Partial<Record<GraphqlErrorCode, number>>> = {
  'access-denied': 401,
  'invalid-jwt': 401,
  unexpected: 500,
  timeout: 504,
  busy: 503,
  'rate-limit-exceeded': 429,
}

/** The HTTP status of an error, where it is not 200 for everything as at `/v1/graphql`. */
export const statusOf = (code: GraphqlErrorCode): number => STATUS[code] ?? 400
