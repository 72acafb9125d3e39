import { messageOf } from '../errors.ts'

export type ExportResult =
  | { outcome: 'accepted'; rejected: number; message: string }
  /** Sent again, it would be refused again. */
  | { outcome: 'refused'; message: string }
  /** Worth another try, in so many milliseconds if the collector says so. */
  | { outcome: 'busy'; message: string; retryAfterMs: number | null }

export interface Collector {
  url: string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
}

// By the protocol's specification; all others are final.
const RETRYABLE = new Set([429, 502, 503, 504])

/** Posts one OTLP/JSON body. Resolves with what became of it; never rejects. */
export async function sendSpans({ url, headers, timeoutMs }: Collector, body: string): Promise<ExportResult> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    })
    text = await response.text()
  } catch (error) {
    return { outcome: 'busy', message: `no collector at ${withoutSecrets(url)}: ${reason(error)}`, retryAfterMs: null }
  }
  const message = `${withoutSecrets(url)} answered ${response.status}`
  if (response.ok) return { outcome: 'accepted', ...partialSuccess(text) }
  if (RETRYABLE.has(response.status)) {
    return { outcome: 'busy', message, retryAfterMs: retryAfter(response.headers.get('retry-after')) }
  }
  return { outcome: 'refused', message: `${message}${text === '' ? '' : `: ${text.slice(0, 200)}`}` }
}

function partialSuccess(text: string): { rejected: number; message: string } {
  try {
    const { partialSuccess: partial } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string }
    }
    return { rejected: Number(partial?.rejectedSpans ?? 0) || 0, message: partial?.errorMessage ?? '' }
  } catch {
    // Collectors also answer with nothing at all.
    return { rejected: 0, message: '' }
  }
}

/** Seconds, or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? ms : null
}

// fetch() hides the reason one level down.
function reason(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(error)
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
