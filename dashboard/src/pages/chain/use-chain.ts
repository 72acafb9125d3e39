import { useMemo } from 'react'
import type { ApiFailure } from '../../api/client.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { type ChainSummary, summarizeChain } from '../../model/chain-summary.ts'
import { buildChainTree, type ChainTree } from '../../model/chain-tree.ts'
import { foldTree } from '../../model/fold-tree.ts'
import { type ChainLayout, layoutChain } from '../../model/layout.ts'
import { CHAIN, MAX_CHAIN_INVOCATIONS } from './queries.ts'
import { rootOf } from './root-of.ts'

export type Chain =
  | { state: 'loading' }
  | { state: 'failed'; failure: ApiFailure }
  | { state: 'unknown' }
  | { state: 'elsewhere'; rootId: string }
  | {
      state: 'ready'
      /** All of it. */
      whole: ChainTree
      /** What is drawn. */
      tree: ChainTree
      layout: ChainLayout
      summary: ChainSummary
      /** There may be more than what was read. */
      cutOff: boolean
    }

/** The chain that holds this invocation: read again and again, built, folded and laid out. */
export function useChain(id: string, selectedId: string | undefined): Chain {
  const { data, failure } = useLiveQuery(CHAIN, { id, limit: MAX_CHAIN_INVOCATIONS }, { leads: true })
  const whole = useMemo(() => data && buildChainTree(data.invocation_chain, id), [data, id])
  const keep = whole && selectedId && whole.nodes.has(selectedId) ? selectedId : undefined
  // Below the limit nothing is folded, so a selection changes nothing and must not lay out anew.
  const tree = useMemo(() => whole && foldTree(whole, keep ? [keep] : []), [whole, keep])
  const layout = useMemo(() => tree && layoutChain(tree), [tree])
  const summary = useMemo(() => whole && summarizeChain(whole), [whole])

  if (!data) return failure ? { state: 'failed', failure } : { state: 'loading' }
  const rootId = rootOf(data.invocation_ancestors, id)
  if (rootId !== id) return { state: 'elsewhere', rootId }
  if (!whole || !tree || !layout || !summary) return { state: 'unknown' }
  const cutOff = data.invocation_chain.length >= MAX_CHAIN_INVOCATIONS
  return { state: 'ready', whole, tree, layout, summary, cutOff }
}
