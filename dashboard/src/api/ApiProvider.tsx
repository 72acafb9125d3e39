import type { ApolloClient } from '@apollo/client'
import { createContext, type ReactNode, useContext, useMemo, useState, useSyncExternalStore } from 'react'
import { readStored, writeStored } from '../components/use-stored.ts'
import { createClient, developmentHeaders } from './client.ts'
import type { Config } from './config.ts'
import { createLiveStore, type LiveState, type LiveStore } from './live.ts'
import type { Session } from './session.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'

export interface Api {
  client: ApolloClient
  config: Config
  live: LiveStore
  session: Session
  /** False for a viewer: payloads, stacks and results are not for them. */
  seesPayloads: boolean
  /** Whether the role may send payloads again. */
  isOperator: boolean
  /** How often this browser wants to ask, in milliseconds; null: as the server says. */
  ownPollInterval: number | null
  setPollInterval: (ms: number | null) => void
  /** An admin secret is in this browser, as it may be during development. */
  hasDevelopmentSecret: boolean
  /** Null when the endpoint has none. */
  subscriptions: Subscriptions | null
  /** What was last on screen, by query and variables: going back shows it at once. */
  lastResults: Map<string, unknown>
}

const ApiContext = createContext<Api | null>(null)

const POLLING = 'observability.polling'

export function ApiProvider({
  config: served,
  session,
  children,
}: {
  config: Config
  session: Session
  children: ReactNode
}) {
  const [ownPollInterval, setOwnPollInterval] = useState(() => Number(readStored(POLLING)) || null)
  const config = useMemo(
    () => ({ ...served, pollIntervalMs: ownPollInterval ?? served.pollIntervalMs }),
    [served, ownPollInterval],
  )
  const api = useMemo<Api>(
    () => ({
      client: createClient(config.graphqlEndpoint, config.graphqlPrefix),
      config,
      ownPollInterval,
      setPollInterval: ms => {
        writeStored(POLLING, ms === null ? '' : String(ms))
        setOwnPollInterval(ms)
      },
      hasDevelopmentSecret: Object.keys(developmentHeaders()).length > 0,
      session,
      seesPayloads: session.role !== 'observability_viewer' && config.features.rawPayloads,
      isOperator: session.role === 'admin' || session.role === 'observability_operator',
      live: createLiveStore(),
      subscriptions: config.subscriptions ? createSubscriptions(config.graphqlEndpoint, config.graphqlPrefix) : null,
      lastResults: new Map(),
    }),
    [config, session, ownPollInterval],
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
