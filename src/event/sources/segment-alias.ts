import { merged } from '../fields.ts'
import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'

/** Segment's `alias`: two identities are one person, `previousId` and `userId`. */
export const segmentAlias: Source = {
  name: 'segment-alias',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    call.fields.requiredText('userId')
    const previousId = call.fields.requiredText('previousId')
    return [
      {
        ...call.draft,
        event_type: 'track',
        event_name: 'alias',
        anonymous_id: call.draft.anonymous_id ?? previousId,
        data: { previous_id: previousId },
        attributes: merged(segmentRest(call)),
      },
    ]
  },
}
