import type { Pool, PoolClient } from './pool.ts'

/**
 * Lends one connection to `work`. When `work` fails, the connection is closed instead of reused, unless `isStillGood` says
 * of the error that it left no trace.
 *
 * A lent connection that dies between two statements raises 'error', and unheard that would end the process: it is heard
 * here, and the next statement reports the loss.
 */
export async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  isStillGood: (error: unknown) => boolean = () => false,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const hear = (error: Error): void => {
    broken = error
  }
  client.on('error', hear)
  try {
    return await work(client)
  } catch (error) {
    if (!isStillGood(error)) broken ??= error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.off('error', hear)
    client.release(broken)
  }
}
