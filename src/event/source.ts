import type { EventBuilder } from './event-builder.ts'
import type { Timestamp, UnifiedEvent } from './unified-event.ts'

/** What is known about an item besides itself. */
export interface SourceContext {
  /** When it arrived. */
  receivedAt: Timestamp
  /** Namespace of what names none. */
  ns: string
  /** The page it happened on, where the item does not say. */
  pageUrl?: string | null
  /** The visit it belongs to, where the item does not say. */
  sessionId?: string | null
  /** Who sent it, where the item does not say. */
  userAgent?: string | null
}

/**
 * An event as a source describes it. `id` null: it is made from the content. `timestamp` null: the source has none, and
 * the time of arrival counts.
 */
export type EventDraft = Omit<UnifiedEvent, 'id' | 'timestamp'> & { id: string | null; timestamp: Timestamp | null }

/** A kind of payload that becomes events. A new one is a file in sources/, a line in registry.ts and a fixture. */
export type Source = {
  name: string
  /** Whether an item states its namespace itself; else one is derived, and may be replaced by the sender's own. */
  statesNamespace?: boolean
} & (
  | {
      /** Pure: the same item gives the same events. Throws ItemError when the item is none of this kind. */
      toEvents(item: unknown, context: SourceContext): EventDraft[]
    }
  | {
      /** The same for sources that send the most, one event for an item: what it says goes into the builder, which is empty. */
      fill(item: unknown, context: SourceContext, event: EventBuilder): void
    }
)
