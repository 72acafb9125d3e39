import { cleanText } from './clean-text.ts'
import type { Redactor } from './redact.ts'

export interface ErrorInfo {
  message: string
  stack: string | null
}

/** The message and stack of anything that was thrown: an Error, text, an object, nothing. Never throws. */
export function errorInfo(thrown: unknown, withStack: boolean, redactor: Redactor | null = null): ErrorInfo {
  const { message, stack } = describeThrown(thrown, withStack)
  const text = (found: string): string =>
    cleanText(found, undefined, redactor ? part => redactor.text(part) : undefined)
  return { message: text(message), stack: stack === null ? null : text(stack) }
}

function describeThrown(thrown: unknown, withStack: boolean): ErrorInfo {
  try {
    if (thrown instanceof Error) {
      return { message: String(thrown.message || thrown.name), stack: withStack ? stackOf(thrown) : null }
    }
    if (thrown === undefined || thrown === null) return { message: 'failed without an error', stack: null }
    const message = (thrown as { message?: unknown }).message
    return { message: typeof message === 'string' ? message : describe(thrown), stack: null }
  } catch {
    // A getter or toString of the thrown thing threw in turn.
    return { message: 'failed with an unreadable error', stack: null }
  }
}

function describe(thrown: unknown): string {
  return typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown)
}

function stackOf(error: Error): string | null {
  const own = typeof error.stack === 'string' ? error.stack : null
  if (!(error.cause instanceof Error) || typeof error.cause.stack !== 'string') return own
  return `${own ?? error.message}\nCaused by: ${error.cause.stack}`
}
