import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'

/** Segment's `track`: what somebody did. */
export const segmentTrack: Source = {
  name: 'segment-track',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    const name = call.fields.requiredText('event')
    const properties = call.fields.object('properties')
    return [{ ...call.draft, event_type: 'track', event_name: name, properties, attributes: segmentRest(call) }]
  },
}
