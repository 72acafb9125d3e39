import { parseWaterfallSearch, type WaterfallSearch } from '../../components/waterfall/waterfall-state.ts'

export const CHAIN_VIEWS = ['flow', 'waterfall', 'table', 'rows'] as const
export type ChainViewName = (typeof CHAIN_VIEWS)[number]

/** What a chain's address says besides its id. */
export interface ChainSearch extends WaterfallSearch {
  /** The selected node: `invocation:<uuid>`, `event:<uuid>`, `undetected:<uuid>`, `job:<uuid>`, `span:<id>`, `folded:<node>`, `group:<span>`. */
  sel?: string
  view?: ChainViewName
  /** Of the table: a column, with a minus for descending. */
  sort?: string
}

export function parseChainSearch(search: Record<string, unknown>): ChainSearch {
  const parsed: ChainSearch = parseWaterfallSearch(search)
  if (typeof search.sel === 'string' && /^[a-z]+:./.test(search.sel)) parsed.sel = search.sel
  const view = CHAIN_VIEWS.find(known => known === search.view)
  if (view) parsed.view = view
  if (typeof search.sort === 'string' && /^-?[a-z]+$/.test(search.sort)) parsed.sort = search.sort
  return parsed
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return UUID.test(text)
}
