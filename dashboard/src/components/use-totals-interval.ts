import { useApi } from '../api/ApiProvider.tsx'

/** How many intervals to wait between reads of sums over a whole window: they change slowly and cost more than a list. */
export function useTotalsInterval(): number {
  const { config } = useApi()
  return Math.max(1, Math.round(config.overviewPollIntervalMs / config.pollIntervalMs))
}
