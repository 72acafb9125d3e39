import pg from 'pg'
import { SECOND } from '../units.ts'
import { quoteIdent } from './identifiers.ts'

export interface ListenOptions {
  connectionString: string
  channel: string
  /** Shown in pg_stat_activity, at most 63 characters. @default 'hasura-observability listen <channel>' */
  applicationName?: string
  onNotify: (payload: string) => void
  /** Told once per lost connection; listening resumes by itself. */
  onError?: (error: Error) => void
}

const RECONNECT_AFTER_MS = 1 * SECOND

/**
 * LISTENs on a channel and reconnects for as long as it takes. After each reconnection `onNotify('')` is called once,
 * because what was announced in between cannot be known.
 */
export async function listen(options: ListenOptions): Promise<{ close(): Promise<void> }> {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: options.connectionString,
      application_name: options.applicationName ?? `hasura-observability listen ${options.channel}`,
      connectionTimeoutMillis: 10 * SECOND,
      keepAlive: true,
    })
    let lost = false
    const lose = (error: Error): void => {
      if (lost || closed) return
      lost = true
      options.onError?.(error)
      next.end().catch(() => {}) // Already broken: there is nothing left to end.
      timer = setTimeout(reconnect, RECONNECT_AFTER_MS)
      timer.unref()
    }
    next.on('error', lose)
    next.on('end', () => lose(new Error('the connection ended')))
    next.on('notification', message => options.onNotify(message.payload ?? ''))
    await next.connect()
    await next.query(`LISTEN ${quoteIdent(options.channel)}`)
    client = next
  }

  function reconnect(): void {
    if (closed) return
    connect().then(
      () => options.onNotify(''),
      () => {
        // Told when it was lost; until it is back there is nothing new to say.
        if (closed) return
        clearTimeout(timer)
        timer = setTimeout(reconnect, RECONNECT_AFTER_MS)
        timer.unref()
      },
    )
  }

  await connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {}) // A connection that is already gone is as closed as it gets.
    },
  }
}
