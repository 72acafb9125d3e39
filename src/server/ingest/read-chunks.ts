import type { IncomingMessage } from 'node:http'
import { HttpError } from '../http-error.ts'

export interface Patience {
  /** In milliseconds: for the whole body, or, when it `restarts`, for each piece of it. */
  readonly timeoutMs: number
  readonly restarts: boolean
  /** What its sender is told, who may still be there. */
  readonly message: string
}

/** A body as it arrives. Throws INGEST_BODY_SLOW. */
export async function* readChunks(request: IncomingMessage, patience: Patience): AsyncGenerator<Buffer> {
  const chunks = request.iterator({ destroyOnReturn: false })
  const deadline = performance.now() + patience.timeoutMs
  let isSlow = false
  try {
    for (;;) {
      const next = chunks.next() as Promise<IteratorResult<Buffer>>
      const leftMs = patience.restarts ? patience.timeoutMs : deadline - performance.now()
      const piece = await withinTime(next, leftMs)
      if (piece === null) {
        isSlow = true
        // It is not waited for any more, and may fail when the connection ends.
        next.catch(() => {})
        throw new HttpError(408, 'INGEST_BODY_SLOW', patience.message)
      }
      if (piece.done === true) return
      yield piece.value
    }
  } finally {
    // One that waits for a slow sender would wait on.
    if (!isSlow) await chunks.return?.()
  }
}

/** Null when it takes longer. */
async function withinTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => {
    timer = setTimeout(resolve, Math.max(0, timeoutMs), null)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
