import { MAP_KINDS } from '../../model/map/map-graph.ts'

export const MAP_VIEWS = ['map', 'table'] as const
export type MapView = (typeof MAP_VIEWS)[number]

/** What the map's address says besides the time range. */
export interface MapSearch {
  /** The selected node: `job:capturePayment`. */
  sel?: string
  /** Part of a name. */
  q?: string
  /** @default the map, on narrow screens the table */
  view?: MapView
  /** Only what leads to the selected node, and what it leads to. */
  only?: true
}

export function parseMapSearch(search: Record<string, unknown>): MapSearch {
  const parsed: MapSearch = {}
  const { sel, q, only } = search
  if (typeof sel === 'string' && MAP_KINDS.some(kind => sel.startsWith(`${kind}:`))) parsed.sel = sel
  if (typeof q === 'string' && q.trim() !== '') parsed.q = q.trim()
  const view = MAP_VIEWS.find(known => known === search.view)
  if (view) parsed.view = view
  if (parsed.sel && (only === true || only === 'true')) parsed.only = true
  return parsed
}
