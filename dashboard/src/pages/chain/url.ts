/** What a chain's address says besides its id. */
export interface ChainSearch {
  /** The selected node: `invocation:<uuid>`, `event:<uuid>`, `undetected:<uuid>`, `job:<uuid>`, `folded:<node>`. */
  sel?: string
  view?: 'flow' | 'list'
}

export function parseChainSearch(search: Record<string, unknown>): ChainSearch {
  const parsed: ChainSearch = {}
  if (typeof search.sel === 'string' && /^[a-z]+:./.test(search.sel)) parsed.sel = search.sel
  if (search.view === 'flow' || search.view === 'list') parsed.view = search.view
  return parsed
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return UUID.test(text)
}
