import { useEffect, useMemo, useState } from 'react'
import type { ApiFailure } from '../../api/client.ts'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { type ChainSummary, summarizeChain } from '../../model/chain-summary.ts'
import { buildChainTree, type ChainTree } from '../../model/chain-tree.ts'
import { foldTree } from '../../model/fold-tree.ts'
import { type ChainLayout, layoutChain } from '../../model/layout.ts'
import { ANCESTORS, CHAIN, MAX_CHAIN_INVOCATIONS } from './queries.ts'
import { rootOf } from './root-of.ts'

export type Chain =
  | { state: 'loading' }
  | { state: 'failed'; failure: ApiFailure }
  | { state: 'unknown' }
  | { state: 'elsewhere'; rootId: string }
  | {
      state: 'ready'
      /** Null until the rows of the chain are read. */
      drawing: ChainDrawing | null
      /** Why the rows cannot be read now. */
      failure: ApiFailure | null
    }

export interface ChainDrawing {
  /** All of it. */
  whole: ChainTree
  /** What is drawn: all of it, where nothing is folded. */
  tree: ChainTree
  /** Null in views that do not draw it. */
  layout: ChainLayout | null
  summary: ChainSummary
  /** There may be more than what was read. */
  cutOff: boolean
}

/** A chain of more invocations is too much for a live query, and read again less often while nothing runs. */
const SMALL = 100

/**
 * The chain that holds this invocation: kept up to date and built, and for the `flow` folded and laid out. With `wait` its
 * rows are not read yet: something else of the page comes first.
 */
export function useChain(id: string, selectedId: string | undefined, flow: boolean, wait: boolean): Chain {
  const [every, setEvery] = useState(1)
  // Read once before: the socket is opened only for what is then small enough for it.
  const [subscribe, setSubscribe] = useState(false)
  const ancestors = useLiveQuery(ANCESTORS, { id }, { leads: true, every: 2 })
  const { data, failure } = useLiveQuery(CHAIN, { id, limit: MAX_CHAIN_INVOCATIONS }, { every, subscribe, skip: wait })
  const whole = useMemo(() => data && buildChainTree(data.invocation_chain, id), [data, id])
  const keep = whole && selectedId && whole.nodes.has(selectedId) ? selectedId : undefined
  // Below the limit nothing is folded, so a selection changes nothing and must not lay out anew.
  const folds = flow || selectedId?.startsWith('folded:') === true
  const tree = useMemo(() => whole && (folds ? foldTree(whole, keep ? [keep] : []) : whole), [whole, folds, keep])
  const layout = useMemo(() => flow && tree && layoutChain(tree), [flow, tree])
  const summary = useMemo(() => whole && summarizeChain(whole), [whole])
  const length = data?.invocation_chain.length ?? null
  const isBig = length !== null && length > SMALL
  const isRunning = summary ? summary.endedAt === null : true
  useEffect(() => {
    setEvery(isBig ? (isRunning ? 3 : 15) : 1)
    setSubscribe(length !== null && !isBig)
  }, [length === null, isBig, isRunning])

  if (!ancestors.data) return ancestors.failure ? { state: 'failed', failure: ancestors.failure } : { state: 'loading' }
  const rootId = rootOf(ancestors.data.invocation_ancestors, id)
  if (rootId !== id) return { state: 'elsewhere', rootId }
  if (!ancestors.data.invocation_ancestors.some(row => row.id === id)) return { state: 'unknown' }
  if (!data || !whole || !tree || !summary) return { state: 'ready', drawing: null, failure }
  const cutOff = data.invocation_chain.length >= MAX_CHAIN_INVOCATIONS
  return { state: 'ready', drawing: { whole, tree, layout: layout || null, summary, cutOff }, failure }
}
