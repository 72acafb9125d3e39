import type { ApolloClient } from '@apollo/client'
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react'
import { createClient } from './client.ts'
import type { Config } from './config.ts'
import { createLiveStore, type LiveState, type LiveStore } from './live.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'

export interface Api {
  client: ApolloClient
  config: Config
  live: LiveStore
  /** Null when the endpoint has none. */
  subscriptions: Subscriptions | null
  /** What was last on screen, by query and variables: going back shows it at once. */
  lastResults: Map<string, unknown>
}

const ApiContext = createContext<Api | null>(null)

export function ApiProvider({ config, children }: { config: Config; children: ReactNode }) {
  const api = useMemo<Api>(
    () => ({
      client: createClient(config.graphqlEndpoint, config.graphqlPrefix),
      config,
      live: createLiveStore(),
      subscriptions: config.subscriptions ? createSubscriptions(config.graphqlEndpoint, config.graphqlPrefix) : null,
      lastResults: new Map(),
    }),
    [config],
  )
  return <ApiContext value={api}>{children}</ApiContext>
}

export function useApi(): Api {
  const api = useContext(ApiContext)
  if (!api) throw new Error('useApi outside ApiProvider')
  return api
}

export function useLive(): LiveState {
  const { live } = useApi()
  return useSyncExternalStore(live.subscribe, live.get)
}

/** Apart from useLive, so that an answer each second does not render what only asks this. */
export function usePaused(): boolean {
  const { live } = useApi()
  return useSyncExternalStore(live.subscribe, () => live.get().pausedAt !== null)
}
