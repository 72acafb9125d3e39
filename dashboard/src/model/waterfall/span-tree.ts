import { ROWS_PER_STEP, runAtOnce, type Steps } from '../slices.ts'
import { sortSteps } from './sort-steps.ts'
import { createWords, isFailedRow, MISSING, RUNNING, type SpanTable, TONES } from './spans.ts'

/** Spans with their places. Arrays have one entry for each row of `table` unless they say otherwise. */
export interface SpanTree {
  /** The spans given, in the same rows, and behind them one row for each missing parent. */
  table: SpanTable
  /** How many of the rows were given. */
  given: number
  /** Row of the parent; -1 at the top. Differs from what was recorded only where `repairs` says so. */
  parents: Int32Array
  /** Rows in order of drawing: parents before children, siblings by start, then id. */
  order: Int32Array
  /** Rows by start, then id. */
  byStart: Int32Array
  /** The place of each row in `order`. */
  positions: Int32Array
  depths: Uint16Array
  /** The how-manieth child of its parent (or top) a row is, from 0. */
  ordinals: Int32Array
  /** How many spans a subtree holds, its top included. */
  sizes: Int32Array
  /** How many spans below it failed or were lost. */
  failuresBelow: Int32Array
  /** The children of row i are `children[firstChild[i]]` up to but not including `children[firstChild[i + 1]]`. */
  children: Int32Array
  /** One entry more than rows. */
  firstChild: Int32Array
  /** Tops, in order of drawing. */
  tops: Int32Array
  rowOf: ReadonlyMap<string, number>
  repairs: Repairs
}

export interface Repairs {
  /** Parents that spans name and that are not here. */
  missing: readonly { parentId: string; row: number }[]
  /** Circles, each cut at one edge: `row` stands at the top of it although it names `parentRow`. */
  cycles: readonly { row: number; parentRow: number }[]
  /** Ids that came more than once: the last one counts. */
  duplicates: number
}

/**
 * Rows, in any order, to a tree. Nothing is dropped: who names a missing parent hangs under a row made for it, and a
 * circle is cut at its earliest span. Iterative, in time that grows with the number of spans (and sorting).
 */
export function buildSpanTree(recorded: SpanTable): SpanTree {
  return runAtOnce(spanTreeSteps(recorded))
}

/** The same, for trees so large that building them must not keep the page from answering. */
export function* spanTreeSteps(recorded: SpanTable): Steps<SpanTree> {
  const { rowOf, duplicates } = yield* indexRows(recorded)
  const { table, parents, missing } = yield* resolveParents(recorded, rowOf)
  yield
  const cycles = cutCycles(table, parents)
  yield
  const sorted = yield* sortByStart(table)
  yield
  const { children, firstChild, tops } = listChildren(table.length, parents, sorted)
  yield
  const order = preOrder(table.length, children, firstChild, tops)
  yield
  const positions = new Int32Array(table.length)
  for (let position = 0; position < order.length; position++) positions[order[position] as number] = position
  const depths = new Uint16Array(table.length)
  for (const row of order) {
    const parent = parents[row] as number
    if (parent >= 0) depths[row] = Math.min(65_535, (depths[parent] as number) + 1)
  }
  yield
  const sizes = new Int32Array(table.length).fill(1)
  const failuresBelow = new Int32Array(table.length)
  for (let position = order.length - 1; position >= 0; position--) {
    const row = order[position] as number
    const parent = parents[row] as number
    if (parent < 0) continue
    sizes[parent] = (sizes[parent] as number) + (sizes[row] as number)
    failuresBelow[parent] =
      (failuresBelow[parent] as number) + (failuresBelow[row] as number) + (isFailedRow(table, row) ? 1 : 0)
  }
  return {
    table,
    given: recorded.length,
    parents,
    order,
    byStart: sorted,
    positions,
    depths,
    ordinals: numberChildren(table.length, children, firstChild, tops),
    sizes,
    failuresBelow,
    children,
    firstChild,
    tops,
    rowOf,
    repairs: { missing, cycles, duplicates },
  }
}

function* indexRows(table: SpanTable): Steps<{ rowOf: Map<string, number>; duplicates: number }> {
  const rowOf = new Map<string, number>()
  for (let row = 0; row < table.length; row++) {
    if (row % ROWS_PER_STEP === 0) yield
    rowOf.set(table.ids[row] as string, row)
  }
  return { rowOf, duplicates: table.length - rowOf.size }
}

interface ResolvedParents {
  table: SpanTable
  parents: Int32Array
  missing: { parentId: string; row: number }[]
}

/** Parent rows, and a copy of the table with a row for each parent that is missing. */
function* resolveParents(recorded: SpanTable, rowOf: Map<string, number>): Steps<ResolvedParents> {
  const resolved = new Int32Array(recorded.length)
  const missingRows = new Map<string, number>()
  for (let row = 0; row < recorded.length; row++) {
    if (row % ROWS_PER_STEP === 0) yield
    const parentId = recorded.parentIds[row] ?? null
    if (parentId === null) {
      resolved[row] = -1
      continue
    }
    let parent = rowOf.get(parentId)
    if (parent === undefined) {
      parent = missingRows.get(parentId) ?? recorded.length + missingRows.size
      missingRows.set(parentId, parent)
    }
    resolved[row] = parent
  }
  const parents = new Int32Array(recorded.length + missingRows.size).fill(-1)
  parents.set(resolved)
  const missing = [...missingRows].map(([parentId, row]) => ({ parentId, row }))
  if (missing.length === 0) return { table: recorded, parents, missing }
  const table = withMissing(recorded, missingRows, resolved)
  for (const { row } of missing) rowOf.set(table.ids[row] as string, row)
  return { table, parents, missing }
}

/** What stands for a missing parent reaches from the first start to the last end of those that name it. */
function withMissing(recorded: SpanTable, missingRows: Map<string, number>, resolved: Int32Array): SpanTable {
  const length = recorded.length + missingRows.size
  const { words, indexOf } = createWords()
  for (const word of recorded.words) indexOf(word)
  const table = {
    length,
    ids: [...recorded.ids, ...[...missingRows.keys()].map(id => `missing:${id}`)],
    parentIds: [...recorded.parentIds, ...[...missingRows.keys()].map(() => null)],
    kinds: extended(recorded.kinds, new Uint8Array(length)).fill(MISSING, recorded.length),
    tones: extended(recorded.tones, new Uint8Array(length)).fill(TONES.indexOf('warning'), recorded.length),
    caused: extended(recorded.caused, new Uint8Array(length)),
    starts: extended(recorded.starts, new Float64Array(length)).fill(Number.POSITIVE_INFINITY, recorded.length),
    ends: extended(recorded.ends, new Float64Array(length)).fill(Number.NEGATIVE_INFINITY, recorded.length),
    names: extended(recorded.names, new Uint32Array(length)),
    services: extended(recorded.services, new Uint32Array(length)),
    details: extended(recorded.details, new Uint32Array(length)),
    words,
  }
  for (const [parentId, row] of missingRows)
    table.names[row] = indexOf(`missing parent ${parentId.replace('span:', '')}`)
  for (let row = 0; row < recorded.length; row++) {
    const parent = resolved[row] as number
    if (parent < recorded.length) continue
    const start = table.starts[row] as number
    const end = table.ends[row] as number
    table.starts[parent] = Math.min(table.starts[parent] as number, start)
    // NaN, which says that a child still runs, wins.
    table.ends[parent] = Math.max(table.ends[parent] as number, end, start)
    if (table.tones[row] === RUNNING && Number.isNaN(end)) table.ends[parent] = Number.NaN
  }
  return table
}

function extended<T extends Uint8Array | Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from as never)
  return into
}

/** Walks up from every row once; a walk that meets itself has found a circle, which is cut where it starts in time. */
function cutCycles(table: SpanTable, parents: Int32Array): { row: number; parentRow: number }[] {
  const walkOf = new Int32Array(table.length).fill(-1)
  const cycles: { row: number; parentRow: number }[] = []
  for (let start = 0; start < table.length; start++) {
    let row = start
    while (row >= 0 && walkOf[row] === -1) {
      walkOf[row] = start
      row = parents[row] as number
    }
    if (row < 0 || walkOf[row] !== start) continue
    let cut = row
    for (let at = parents[row] as number; at !== row; at = parents[at] as number) {
      if (compareStart(table, at, cut) < 0) cut = at
    }
    cycles.push({ row: cut, parentRow: parents[cut] as number })
    parents[cut] = -1
  }
  return cycles
}

function compareStart(table: SpanTable, a: number, b: number): number {
  const difference = (table.starts[a] as number) - (table.starts[b] as number)
  if (difference !== 0) return difference
  const [idA, idB] = [table.ids[a] as string, table.ids[b] as string]
  return idA < idB ? -1 : idA > idB ? 1 : a - b
}

/** Rows by start, then id. */
function* sortByStart(table: SpanTable): Steps<Int32Array> {
  const rows = new Int32Array(table.length)
  for (let row = 0; row < rows.length; row++) rows[row] = row
  return yield* sortSteps(rows, (a, b) => compareStart(table, a, b))
}

function listChildren(length: number, parents: Int32Array, sorted: Int32Array) {
  const firstChild = new Int32Array(length + 1)
  let topCount = 0
  for (const parent of parents) {
    if (parent < 0) topCount += 1
    else firstChild[parent + 1] = (firstChild[parent + 1] as number) + 1
  }
  for (let row = 0; row < length; row++) {
    firstChild[row + 1] = (firstChild[row + 1] as number) + (firstChild[row] as number)
  }
  const next = firstChild.slice()
  const children = new Int32Array(length - topCount)
  const tops = new Int32Array(topCount)
  let top = 0
  for (const row of sorted) {
    const parent = parents[row] as number
    if (parent < 0) {
      tops[top++] = row
      continue
    }
    const at = next[parent] as number
    children[at] = row
    next[parent] = at + 1
  }
  return { children, firstChild, tops }
}

function numberChildren(length: number, children: Int32Array, firstChild: Int32Array, tops: Int32Array): Int32Array {
  const ordinals = new Int32Array(length)
  for (let index = 0; index < tops.length; index++) ordinals[tops[index] as number] = index
  for (let parent = 0; parent < length; parent++) {
    const first = firstChild[parent] as number
    for (let at = first; at < (firstChild[parent + 1] as number); at++) ordinals[children[at] as number] = at - first
  }
  return ordinals
}

function preOrder(length: number, children: Int32Array, firstChild: Int32Array, tops: Int32Array): Int32Array {
  const order = new Int32Array(length)
  const stack = new Int32Array(length)
  let height = 0
  for (let index = tops.length - 1; index >= 0; index--) stack[height++] = tops[index] as number
  let position = 0
  while (height > 0) {
    const row = stack[--height] as number
    order[position++] = row
    const first = firstChild[row] as number
    for (let at = (firstChild[row + 1] as number) - 1; at >= first; at--) stack[height++] = children[at] as number
  }
  return order
}
