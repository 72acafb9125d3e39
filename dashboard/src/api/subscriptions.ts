import type { DocumentNode } from 'graphql'
import { print } from 'graphql'
import type { Client } from 'graphql-ws'
import { prefixDocument } from '../../../src/graphql-prefix.ts'
import { toSocketUrl } from './socket-url.ts'

export interface Subscriptions {
  /** `onLost` is called once, when the subscription ended without being asked to. Returns how to end it. */
  subscribe: <TData>(
    document: DocumentNode,
    variables: Record<string, unknown>,
    onData: (data: TData) => void,
    onLost: () => void,
  ) => () => void
  /** Whether the socket is open: it is not before the first subscription, and while it is opened again. */
  isConnected: () => boolean
  /** Told when that has changed. Returns how to end it. */
  onConnection: (listener: () => void) => () => void
}

/** Live queries over one WebSocket (`graphql-transport-ws`), which is opened with the first of them. */
export function createSubscriptions(graphqlEndpoint: string, graphqlPrefix: string): Subscriptions {
  // The library comes with the first subscription, not with the page.
  let client: Promise<Client> | null = null
  let isConnected = false
  const listeners = new Set<() => void>()
  const setConnected = (connected: boolean) => () => {
    isConnected = connected
    for (const listener of listeners) listener()
  }
  const connect = () => {
    client ??= import('graphql-ws').then(({ createClient }) =>
      createClient({
        url: toSocketUrl(graphqlEndpoint, window.location.href),
        lazy: true,
        // One subscription may follow another.
        lazyCloseTimeout: 3_000,
        retryAttempts: 4,
        on: { connected: setConnected(true), closed: setConnected(false) },
      }),
    )
    return client
  }
  return {
    isConnected: () => isConnected,
    onConnection(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    subscribe(document, variables, onData, onLost) {
      let ended = false
      let unsubscribe: (() => void) | undefined
      const lose = () => {
        if (ended) return
        ended = true
        unsubscribe?.()
        onLost()
      }
      connect().then(opened => {
        if (ended) return
        unsubscribe = opened.subscribe(
          { query: print(prefixDocument(document, graphqlPrefix)), variables },
          {
            next: result => {
              if (result.data) onData(result.data as never)
              else lose()
            },
            error: lose,
            complete: lose,
          },
        )
      }, lose)
      return () => {
        ended = true
        unsubscribe?.()
      }
    },
  }
}
