import { isOn, parseWaterfallSearch, type WaterfallSearch } from '../../components/waterfall/waterfall-state.ts'

/** What the address of the list says besides the time range. */
export interface TracesSearch {
  q?: string
  /** All spans, not only those that start a trace. */
  any?: true
  service?: string
  /** `-start` (newest first) by default, or `-duration`. */
  sort?: 'duration'
}

export function parseTracesSearch(search: Record<string, unknown>): TracesSearch {
  const parsed: TracesSearch = {}
  if (typeof search.q === 'string' && search.q !== '') parsed.q = search.q
  if (typeof search.q === 'number') parsed.q = String(search.q)
  if (isOn(search.any)) parsed.any = true
  if (typeof search.service === 'string' && search.service !== '') parsed.service = search.service
  if (search.sort === 'duration') parsed.sort = 'duration'
  return parsed
}

export interface TraceSearch extends WaterfallSearch {
  /** The selected span. */
  sel?: string
}

export function parseTraceSearch(search: Record<string, unknown>): TraceSearch {
  const parsed: TraceSearch = parseWaterfallSearch(search)
  if (typeof search.sel === 'string' && /^[a-z]+:./.test(search.sel)) parsed.sel = search.sel
  return parsed
}
