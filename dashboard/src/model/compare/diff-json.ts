import { isSame } from '../row-diff.ts'

/** One place in two JSON values. `undefined` where a side has nothing there. */
export interface JsonDifference {
  /** `new.status`, `items.0.price`; empty for the value itself. */
  path: string
  left: unknown
  right: unknown
  state: 'same' | 'changed' | 'left' | 'right'
}

/** More places than one would read, or a browser should draw. */
const MAX_PLACES = 2_000

/** Two JSON values place by place, in the order of the left one. `cut`: there are more places than are told. */
export function diffJson(left: unknown, right: unknown): { places: JsonDifference[]; cut: boolean } {
  const places: JsonDifference[] = []
  const waiting: { path: string; left: unknown; right: unknown }[] = [{ path: '', left, right }]
  while (waiting.length > 0 && places.length < MAX_PLACES) {
    const place = waiting.pop() as { path: string; left: unknown; right: unknown }
    const children = childrenOf(place)
    if (children) waiting.push(...children.reverse())
    else places.push({ ...place, state: stateOf(place.left, place.right) })
  }
  return { places, cut: waiting.length > 0 }
}

/** Null where one looks no deeper: scalars, two empty values, or values of two kinds. */
function childrenOf({ path, left, right }: { path: string; left: unknown; right: unknown }) {
  const before = left === undefined ? emptyLike(right) : left
  const after = right === undefined ? emptyLike(left) : right
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) return null
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  if (names.length === 0) return null
  return names.map(name => ({ path: path === '' ? name : `${path}.${name}`, left: before[name], right: after[name] }))
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Where one side has nothing, what the other has is told place by place. */
function emptyLike(value: unknown): unknown {
  return Array.isArray(value) ? [] : isBranch(value) ? {} : undefined
}

function stateOf(left: unknown, right: unknown): JsonDifference['state'] {
  if (left === undefined && right !== undefined) return 'right'
  if (right === undefined && left !== undefined) return 'left'
  return isSame(left, right) ? 'same' : 'changed'
}
