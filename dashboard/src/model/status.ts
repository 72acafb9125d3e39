/** What a status means to the eye. Shape and colour hang on the tone, the word says the rest. */
export type Tone = 'ok' | 'failed' | 'running' | 'quiet' | 'warning' | 'lost'

export interface Status {
  tone: Tone
  word: string
}

const KNOWN: Record<string, Status> = {
  completed: { tone: 'ok', word: 'completed' },
  running: { tone: 'running', word: 'running' },
  detecting: { tone: 'running', word: 'detecting' },
  handling: { tone: 'running', word: 'handling' },
  failed: { tone: 'failed', word: 'failed' },
  timeout: { tone: 'failed', word: 'timed out' },
  detection_failed: { tone: 'failed', word: 'detection failed' },
  handler_failed: { tone: 'failed', word: 'handler failed' },
  lost: { tone: 'lost', word: 'lost' },
  not_detected: { tone: 'quiet', word: 'not detected' },
}

/** Status of an event or a job, from its column. A word we do not know is shown as it is. */
export function toStatus(value: string): Status {
  return KNOWN[value] ?? { tone: 'quiet', word: value }
}

/** An invocation can complete although a job in it failed: that must not look like success. */
export function toInvocationStatus(row: { status: string; total_jobs_failed?: number | null }): Status {
  if (row.status === 'completed' && (row.total_jobs_failed ?? 0) > 0) return { tone: 'warning', word: 'job failed' }
  return toStatus(row.status)
}

export function isRunning(value: string): boolean {
  return KNOWN[value]?.tone === 'running'
}

export function isFailed(value: string): boolean {
  return KNOWN[value]?.tone === 'failed' || KNOWN[value]?.tone === 'lost'
}
