import type { Micros } from '../../model/time.ts'

/** What a reader has chosen to see. It stands in the address, so that a link shows the same. */
export interface WaterfallState {
  /** What is searched for. */
  q: string
  /** Only what is found, and what leads there. */
  only: boolean
  /** The critical path is marked. */
  path: boolean
  /** Idle time is folded. Null: as is best for these times. */
  idle: boolean | null
  /** The part of the time that is shown, in microseconds after the first start; null: all. */
  zoom: { from: Micros; to: Micros } | null
}

export const WHOLE: WaterfallState = { q: '', only: false, path: false, idle: null, zoom: null }

/** The state as it stands in an address; what is as at first is left out. */
export interface WaterfallSearch {
  q?: string
  only?: true
  path?: true
  /** Idle time: folded or as long as it was. */
  idle?: 'folded' | 'shown'
  /** `<from>-<to>`, in microseconds. */
  zoom?: string
}

export function parseWaterfallSearch(search: Record<string, unknown>): WaterfallSearch {
  const parsed: WaterfallSearch = {}
  if (typeof search.q === 'string' && search.q !== '') parsed.q = search.q
  // A number typed into the box comes back from the address as a number.
  if (typeof search.q === 'number') parsed.q = String(search.q)
  if (isOn(search.only)) parsed.only = true
  if (isOn(search.path)) parsed.path = true
  if (search.idle === 'folded' || search.idle === 'shown') parsed.idle = search.idle
  if (typeof search.zoom === 'string' && toZoom(search.zoom)) parsed.zoom = search.zoom
  return parsed
}

export function toWaterfallState({ q, only, path, idle, zoom }: WaterfallSearch): WaterfallState {
  return {
    q: q ?? '',
    only: isOn(only),
    path: isOn(path),
    idle: idle === undefined ? null : idle === 'folded',
    zoom: zoom ? toZoom(zoom) : null,
  }
}

export function toWaterfallSearch({ q, only, path, idle, zoom }: WaterfallState): WaterfallSearch {
  return {
    ...(q !== '' && { q }),
    ...(only && { only }),
    ...(path && { path }),
    ...(idle !== null && { idle: idle ? 'folded' : 'shown' }),
    ...(zoom && { zoom: `${Math.round(zoom.from)}-${Math.round(zoom.to)}` }),
  }
}

/** A switch in an address: what was read from it is text. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true'
}

function toZoom(text: string): { from: Micros; to: Micros } | null {
  const [, from, to] = /^(\d{1,16})-(\d{1,16})$/.exec(text) ?? []
  return from !== undefined && to !== undefined && Number(from) < Number(to)
    ? { from: Number(from), to: Number(to) }
    : null
}
