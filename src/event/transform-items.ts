import type { EventRow } from './event-row.ts'
import { type FinishOptions, finishEvent } from './finish-event.ts'
import { ItemError, type ItemErrorCode } from './item-error.ts'
import type { EventDraft, Source, SourceContext } from './source.ts'

/** Why an item of a request became no event. */
export interface RefusedItem {
  /** Its place in the request, from 0. */
  index: number
  code: ItemErrorCode
  message: string
}

export interface Transformed {
  rows: EventRow[]
  /** Of each row the place of its item. */
  indexes: number[]
  refused: RefusedItem[]
}

export interface TransformOptions extends FinishOptions {
  /** The namespace that the sender may write to, for the one an event names; throws ItemError when it may not. */
  namespaceOf: (ns: string, stated: boolean) => string
}

/** Items of one request as rows. What is wrong with one item concerns no other. */
export function transformItems(
  source: Source,
  items: Iterable<unknown>,
  context: SourceContext,
  options: TransformOptions,
): Transformed {
  const [all] = transformSlices(source, items, context, options, () => false)
  return all as Transformed
}

// Asking for the time costs as much as a tenth of an item.
const ITEMS_BETWEEN_LOOKS = 16

/** The same in slices, at least one: each ends when `isTimeUp`, which is asked now and then. */
export function* transformSlices(
  source: Source,
  items: Iterable<unknown>,
  context: SourceContext,
  options: TransformOptions,
  isTimeUp: () => boolean,
): Generator<Transformed, void> {
  // Equal items without a key of their own are as many events as there are items, also when the request comes again.
  const seen = new Map<string, number>()
  let slice: Transformed = { rows: [], indexes: [], refused: [] }
  let index = 0
  for (const item of items) {
    if (index % ITEMS_BETWEEN_LOOKS === ITEMS_BETWEEN_LOOKS - 1 && isTimeUp()) {
      yield slice
      slice = { rows: [], indexes: [], refused: [] }
    }
    try {
      const drafts = source.toEvents(item, context)
      // One that is refused takes along those that came of the same item.
      const made = drafts.map(finish)
      for (const row of made) {
        slice.rows.push(row)
        slice.indexes.push(index)
      }
    } catch (error) {
      slice.refused.push(refusal(index, error))
    }
    index++
  }
  yield slice

  function finish(draft: EventDraft): EventRow {
    draft.ns = options.namespaceOf(draft.ns, source.statesNamespace === true)
    const hasKey = draft.id !== null
    const row = finishEvent(draft, options)
    if (hasKey) return row
    const times = (seen.get(row.id) ?? 0) + 1
    seen.set(row.id, times)
    if (times > 1) row.id += `#${times}`
    return row
  }
}

function refusal(index: number, error: unknown): RefusedItem {
  if (error instanceof ItemError) return { index, code: error.code, message: error.message }
  // Deeper than the program's own stack: JSON.stringify and the like give up that way.
  if (error instanceof RangeError) return { index, code: 'EVENT_TOO_LARGE', message: 'it is nested too deeply' }
  throw error
}
