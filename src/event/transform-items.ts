import { EventBuilder } from './event-builder.ts'
import type { EventRow } from './event-row.ts'
import { type FinishOptions, finishEvent } from './finish-event.ts'
import { ItemError, type ItemErrorCode } from './item-error.ts'
import type { Source, SourceContext } from './source.ts'

/** Why an item of a request became no event. */
export interface RefusedItem {
  /** Its place in the request, from 0. */
  index: number
  code: ItemErrorCode
  message: string
}

export interface Transformed<Row> {
  rows: Row[]
  /** Of each row the place of its item. */
  indexes: number[]
  refused: RefusedItem[]
}

export interface TransformOptions extends FinishOptions {
  /** The namespace that the sender may write to, for the one an event names; throws ItemError when it may not. */
  namespaceOf: (ns: string, stated: boolean) => string
}

export interface SliceOptions<Row> extends TransformOptions {
  /** Makes of an event what is wanted. The builder is used again. */
  take: (event: EventBuilder) => Row
  /** Asked now and then: whether the slice ends here. */
  isTimeUp: () => boolean
}

/** Items of one request as rows. What is wrong with one item concerns no other. */
export function transformItems(
  source: Source,
  items: Iterable<unknown>,
  context: SourceContext,
  options: TransformOptions,
): Transformed<EventRow> {
  const slices = transformSlices(source, items, context, {
    ...options,
    take: event => event.toRow(),
    isTimeUp: () => false,
  })
  return slices.next().value as Transformed<EventRow>
}

// Asking for the time costs as much as a tenth of an item.
const ITEMS_BETWEEN_LOOKS = 16

/** The same in slices, at least one. */
export function* transformSlices<Row>(
  source: Source,
  items: Iterable<unknown>,
  context: SourceContext,
  options: SliceOptions<Row>,
): Generator<Transformed<Row>, void> {
  // Equal items without a key of their own are as many events as there are items, also when the request comes again.
  const seen = new Map<string, number>()
  const event = new EventBuilder()
  let slice: Transformed<Row> = { rows: [], indexes: [], refused: [] }
  let index = 0
  for (const item of items) {
    if (index % ITEMS_BETWEEN_LOOKS === ITEMS_BETWEEN_LOOKS - 1 && options.isTimeUp()) {
      yield slice
      slice = { rows: [], indexes: [], refused: [] }
    }
    try {
      // An event that is refused takes along the others of its item.
      for (const row of eventsOf(item)) {
        slice.rows.push(row)
        slice.indexes.push(index)
      }
    } catch (error) {
      slice.refused.push(refusal(index, error))
    }
    index++
  }
  yield slice

  function eventsOf(item: unknown): Row[] {
    event.clear()
    if ('fill' in source) {
      source.fill(item, context, event)
      return [finish()]
    }
    return source.toEvents(item, context).map(draft => {
      event.clear()
      event.load(draft)
      return finish()
    })
  }

  function finish(): Row {
    event.set('ns', options.namespaceOf(event.get('ns') as string, source.statesNamespace === true))
    const hasKey = event.get('id') !== null
    finishEvent(event, options)
    if (!hasKey) {
      const id = event.get('id') as string
      const times = (seen.get(id) ?? 0) + 1
      seen.set(id, times)
      if (times > 1) event.set('id', `${id}#${times}`)
    }
    return options.take(event)
  }
}

function refusal(index: number, error: unknown): RefusedItem {
  if (error instanceof ItemError) return { index, code: error.code, message: error.message }
  // Deeper than the program's own stack: JSON.stringify and the like give up that way.
  if (error instanceof RangeError) return { index, code: 'EVENT_TOO_LARGE', message: 'it is nested too deeply' }
  throw error
}
