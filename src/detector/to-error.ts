import { messageOf } from '../errors.ts'

/** Anything that was thrown, as an Error. What was no Error becomes the cause of one. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown })
}
