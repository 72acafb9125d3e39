import { Fields } from '../fields.ts'
import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'

/** Segment's `group`: the organisation that somebody belongs to. */
export const segmentGroup: Source = {
  name: 'segment-group',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    const groupId = call.fields.requiredText('groupId')
    const traits = call.fields.object('traits')
    return [
      {
        ...call.draft,
        event_type: 'track',
        event_name: 'group',
        resource_type: 'group',
        resource_id: groupId,
        resource_name: traits === null ? null : new Fields(traits, 'traits').text('name'),
        traits,
        attributes: segmentRest(call),
      },
    ]
  },
}
