import { ItemError } from '../item-error.ts'
import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'

/** Segment's `screen`: a screen of an app that somebody looked at. */
export const segmentScreen: Source = {
  name: 'segment-screen',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    const { fields } = call
    const category = fields.text('category')
    const name = fields.text('name')
    if (name === null && category === null) throw new ItemError('name is missing')
    return [
      {
        ...call.draft,
        event_type: 'page',
        event_name: category === null ? 'screen_view' : `${category}.screen_view`,
        page_title: name,
        properties: fields.object('properties'),
        attributes: segmentRest(call),
      },
    ]
  },
}
