import { cancelRunning } from '../../db/cancel-running.ts'
import type { PoolClient } from '../../db/pool.ts'

/** Does `work` on a connection; when the signal comes, Postgres is told to stop what the connection runs, and `work` fails. */
export async function untilAborted<T>(
  client: PoolClient,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work()
  signal.throwIfAborted()
  let cancelled: Promise<void> | undefined
  const cancel = (): void => {
    cancelled = cancelRunning(client)
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', cancel)
    // Else the next statement of this connection might be stopped in its place.
    await cancelled
  }
}
