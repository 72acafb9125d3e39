import type { OperationVariables, TypedDocumentNode } from '@apollo/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { keepEqual } from '../model/keep-equal.ts'
import { useApi, usePaused } from './ApiProvider.tsx'
import { type ApiFailure, toFailure } from './client.ts'
import { remember } from './last-results.ts'
import { type Polling, startPolling } from './polling.ts'
import { toSubscription } from './to-subscription.ts'

/** How long the first answer of a subscription is waited for before the page reads by itself. */
const SOCKET_PATIENCE_MS = 2_000

export interface LiveQuery<TData> {
  /** The last answer for these variables. It stays while later reads fail. */
  data: TData | undefined
  /** Why the last read failed; null when it did not. */
  failure: ApiFailure | null
  refresh: () => void
  /** The query's own name, for error messages. */
  operation: string
}

export interface LiveQueryOptions {
  /** How many intervals to wait between reads; 0 reads once. @default 1 */
  every?: number
  /** Be told by a subscription where the endpoint has them and the query has one root field; else read. @default false */
  subscribe?: boolean
  /** Read on although the user paused, for pages that still count what they do not show. @default false */
  whilePaused?: boolean
  /** What the answer is an answer to, when variables may change without starting anew. @default the variables */
  identity?: unknown
  /** The live indicator speaks of this query. One per page. @default false */
  leads?: boolean
  /** Do not read at all, as long as it is not known what to read. @default false */
  skip?: boolean
}

/**
 * A query whose answer stays up to date: by a subscription where asked for and possible, else by reading again and
 * again. Equal parts of the answer keep their identity. Variables must be plain JSON, or a function that makes them
 * before each read (a time range that ends now), with `identity` saying when it is another question.
 */
export function useLiveQuery<TData, TVariables extends OperationVariables>(
  query: TypedDocumentNode<TData, TVariables>,
  variables: TVariables | (() => TVariables),
  { every = 1, subscribe = false, whilePaused = false, identity, leads = false, skip = false }: LiveQueryOptions = {},
): LiveQuery<TData> {
  const { client, config, live, lastResults, subscriptions } = useApi()
  const paused = usePaused() && !whilePaused
  const operation = operationName(query)
  const key = `${operation} ${JSON.stringify(identity ?? variables)}`
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
  const wantsSubscription = subscribe && subscriptions !== null && !paused
  useEffect(() => {
    if (skip) return
    let latest = lastResults.get(key) as TData | undefined
    setState(before => (before.key === key ? before : { key, data: latest, failure: null }))
    const currentVariables = () =>
      typeof latestVariables.current === 'function' ? latestVariables.current() : latestVariables.current
    const accept = (data: TData) => {
      latest = keepEqual(latest, data)
      remember(lastResults, key, latest)
      setState(before =>
        before.key === key && before.data === latest && before.failure === null
          ? before
          : { key, data: latest, failure: null },
      )
      if (leads) live.answered(Date.now() * 1000)
    }
    const fail = (error: unknown) => {
      const failure = toFailure(error)
      setState({ key, data: latest, failure })
      if (leads) live.failed(failure)
    }
    let forgetRetry: (() => void) | undefined
    const poll = () => {
      const started = startPolling({
        read: async signal => {
          const { data } = await client.query<TData, TVariables>({
            query,
            variables: currentVariables(),
            fetchPolicy: 'no-cache',
            context: { fetchOptions: { signal }, queryDeduplication: false },
          } as Parameters<typeof client.query<TData, TVariables>>[0])
          if (!signal.aborted) accept(data as TData)
        },
        onError: fail,
        nextDelayMs: () => delay.current,
      })
      polling.current = started
      forgetRetry = leads ? live.onRetry(started.kick) : undefined
    }
    const document = wantsSubscription ? toSubscription(query) : null
    let isClosed = false
    let patience: ReturnType<typeof setTimeout> | undefined
    let unsubscribe: (() => void) | undefined
    if (document && subscriptions) {
      const pollInstead = () => {
        clearTimeout(patience)
        if (!isClosed && polling.current === null) poll()
      }
      // Where no socket can be opened it takes long to say so. Until it speaks, or without it, the page reads as it would
      // if there were no subscriptions.
      patience = setTimeout(pollInstead, SOCKET_PATIENCE_MS)
      const hear = (data: TData) => {
        clearTimeout(patience)
        polling.current?.stop()
        polling.current = null
        accept(data)
      }
      unsubscribe = subscriptions.subscribe(document, currentVariables(), hear, pollInstead)
    } else poll()
    return () => {
      isClosed = true
      clearTimeout(patience)
      unsubscribe?.()
      polling.current?.stop()
      polling.current = null
      forgetRetry?.()
    }
  }, [key, client, leads, wantsSubscription, skip])

  // Going on after a pause, or reading more often, starts now and not after a wait that was never planned.
  const wasPaused = useRef(paused)
  useEffect(() => {
    if (wasPaused.current && !paused) polling.current?.kick()
    wasPaused.current = paused
  }, [paused])
  const everyBefore = useRef(every)
  useEffect(() => {
    const oftener = every > 0 && (everyBefore.current === 0 || every < everyBefore.current)
    everyBefore.current = every
    if (oftener) polling.current?.kick()
    else polling.current?.replan()
  }, [every])

  const refresh = useCallback(() => polling.current?.kick(), [])
  return state.key === key
    ? { data: state.data, failure: state.failure, refresh, operation }
    : { data: lastResults.get(key) as TData | undefined, failure: null, refresh, operation }
}

function operationName(query: TypedDocumentNode<unknown, never>): string {
  for (const definition of query.definitions) {
    if (definition.kind === 'OperationDefinition') return definition.name?.value ?? ''
  }
  return ''
}
