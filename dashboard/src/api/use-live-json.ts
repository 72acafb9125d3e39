import { useCallback, useEffect, useRef, useState } from 'react'
import { keepEqual } from '../model/keep-equal.ts'
import { useApi, usePaused } from './ApiProvider.tsx'
import { toFailure } from './client.ts'
import { type Polling, startPolling } from './polling.ts'
import type { LiveQuery } from './use-live-query.ts'

/** Reads a JSON address of the server again and again, every so many intervals. `parse` refuses what it does not know. */
export function useLiveJson<TData>(
  path: string,
  parse: (value: unknown) => TData,
  { every = 1 }: { every?: number } = {},
): LiveQuery<TData> {
  const { config } = useApi()
  const paused = usePaused()
  const [state, setState] = useState<Pick<LiveQuery<TData>, 'data' | 'failure'>>({ data: undefined, failure: null })
  const polling = useRef<Polling | null>(null)
  const latest = useRef({ parse, delay: null as number | null })
  latest.current = { parse, delay: paused ? null : config.pollIntervalMs * every }
  useEffect(() => {
    const started = startPolling({
      read: async signal => {
        const response = await fetch(path, { signal, headers: { accept: 'application/json' } })
        if (!response.ok) {
          setState(({ data }) => ({
            data,
            failure: { kind: 'refused', message: `The server answered ${response.status}` },
          }))
          return
        }
        const data = latest.current.parse(await response.json())
        setState(before => ({ data: keepEqual(before.data, data), failure: null }))
      },
      onError: error => setState(({ data }) => ({ data, failure: toFailure(error) })),
      nextDelayMs: () => latest.current.delay,
    })
    polling.current = started
    return started.stop
  }, [path])
  const refresh = useCallback(() => polling.current?.kick(), [])
  return { ...state, refresh, operation: path }
}
