import type { OperationVariables, TypedDocumentNode } from '@apollo/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { keepEqual } from '../model/keep-equal.ts'
import { useApi, usePaused } from './ApiProvider.tsx'
import { type ApiFailure, toFailure } from './client.ts'
import { remember } from './last-results.ts'
import { type Polling, startPolling } from './polling.ts'

export interface Polled<TData> {
  /** The last answer for these variables. It stays while later reads fail. */
  data: TData | undefined
  /** Why the last read failed; null when it did not. */
  failure: ApiFailure | null
  refresh: () => void
}

export interface PolledOptions {
  /** How many intervals to wait between reads; 0 reads once. @default 1 */
  every?: number
  /** Read on although the user paused, for pages that still count what they do not show. @default false */
  whilePaused?: boolean
  /** What the answer is an answer to, when variables may change without starting anew. @default the variables */
  identity?: unknown
  /** The live indicator speaks of this query. One per page. @default false */
  leads?: boolean
}

/** Reads a query again and again; equal parts of the answer keep their identity. Variables must be plain JSON. */
export function usePolled<TData, TVariables extends OperationVariables>(
  query: TypedDocumentNode<TData, TVariables>,
  variables: TVariables,
  { every = 1, whilePaused = false, identity, leads = false }: PolledOptions = {},
): Polled<TData> {
  const { client, config, live, lastResults } = useApi()
  const paused = usePaused() && !whilePaused
  const key = `${operationName(query)} ${JSON.stringify(identity ?? variables)}`
  const latestVariables = useRef(variables)
  latestVariables.current = variables
  const [state, setState] = useState<{ key: string; data: TData | undefined; failure: ApiFailure | null }>(() => ({
    key,
    data: lastResults.get(key) as TData | undefined,
    failure: null,
  }))
  const polling = useRef<Polling | null>(null)
  const delay = useRef<number | null>(null)
  delay.current = paused || every === 0 ? null : config.pollIntervalMs * every
  useEffect(() => {
    let latest = lastResults.get(key) as TData | undefined
    setState(before => (before.key === key ? before : { key, data: latest, failure: null }))
    const started = startPolling({
      read: async signal => {
        const { data } = await client.query<TData, TVariables>({
          query,
          variables: latestVariables.current,
          fetchPolicy: 'no-cache',
          context: { fetchOptions: { signal }, queryDeduplication: false },
        } as Parameters<typeof client.query<TData, TVariables>>[0])
        if (signal.aborted) return
        latest = keepEqual(latest, data as TData)
        remember(lastResults, key, latest)
        setState(before =>
          before.key === key && before.data === latest && before.failure === null
            ? before
            : { key, data: latest, failure: null },
        )
        if (leads) live.answered(Date.now() * 1000)
      },
      onError: error => {
        const failure = toFailure(error)
        setState({ key, data: latest, failure })
        if (leads) live.failed(failure)
      },
      nextDelayMs: () => delay.current,
    })
    polling.current = started
    const forgetRetry = leads ? live.onRetry(started.kick) : undefined
    return () => {
      started.stop()
      forgetRetry?.()
    }
  }, [key, client, leads])

  // Going on after a pause, or reading more often, starts now and not after a wait that was never planned.
  const wasPaused = useRef(paused)
  useEffect(() => {
    if (wasPaused.current && !paused) polling.current?.kick()
    wasPaused.current = paused
  }, [paused])
  useEffect(() => {
    if (every > 0) polling.current?.kick()
  }, [every])

  const refresh = useCallback(() => polling.current?.kick(), [])
  return state.key === key
    ? { data: state.data, failure: state.failure, refresh }
    : { data: lastResults.get(key) as TData | undefined, failure: null, refresh }
}

function operationName(query: TypedDocumentNode<unknown, never>): string {
  for (const definition of query.definitions) {
    if (definition.kind === 'OperationDefinition') return definition.name?.value ?? ''
  }
  return ''
}
