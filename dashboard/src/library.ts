// What other React applications get of the dashboard: `npm run build:library` makes lib/ of it.
import './app/tokens.css'
import './app/base.css'

export { EventStream, type EventStreamProps } from './components/event-stream/EventStream.tsx'
export {
  TraceWaterfall,
  type TraceWaterfallProps,
  type TraceWaterfallSpan,
} from './components/waterfall/TraceWaterfall.tsx'
export type { FeedEvent } from './model/event-feed.ts'
