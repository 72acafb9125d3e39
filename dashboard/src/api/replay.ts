import { developmentHeaders } from './client.ts'

/** One event module, as it was recorded and as it says now; null where it was not asked. */
export interface ComparedVerdict {
  name: string
  change: 'same' | 'now_detected' | 'no_longer_detected' | 'now_fails' | 'no_longer_fails' | 'new' | 'gone'
  recorded: { detected: boolean; failed: boolean; reason: string | null } | null
  now: { detected: boolean; error: string | null; reason: string | null; durationMs: number } | null
}

export interface ReplayRequest {
  invocationId: string
  /** Undefined: the stored one. */
  payload: unknown
}

/** Asks the detectors again, and nothing else. Rejects with what to tell the person. */
export async function dryRunReplay({ invocationId, payload }: ReplayRequest): Promise<ComparedVerdict[]> {
  const { verdicts } = await post<{ verdicts: ComparedVerdict[] }>(invocationId, { dryRun: true, payload })
  return verdicts
}

/** Runs handlers and jobs again. Resolves to the new invocation's id as soon as that is recorded. */
export async function runReplay(
  { invocationId, payload }: ReplayRequest,
  { acceptIncomplete }: { acceptIncomplete: boolean },
): Promise<string> {
  const body = { dryRun: false, payload, acceptIncomplete }
  const { invocationId: created } = await post<{ invocationId: string }>(invocationId, body)
  return created
}

async function post<TAnswer>(invocationId: string, body: object): Promise<TAnswer> {
  const response = await fetch(`/api/invocations/${invocationId}/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...developmentHeaders() },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The server cannot be reached. Whether the payload was sent is not known.')
  })
  const answer = (await response.json().catch(() => ({}))) as TAnswer & { error?: unknown; code?: unknown }
  if (response.ok) return answer
  const code = typeof answer.code === 'string' ? ` (${answer.code})` : ''
  throw new Error(
    `${typeof answer.error === 'string' ? answer.error : `The server answered ${response.status}`}${code}`,
  )
}
