import { Fields } from '../fields.ts'
import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'

/** Segment's `identify`: who somebody is. */
export const segmentIdentify: Source = {
  name: 'segment-identify',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    const traits = call.fields.object('traits')
    const name = traits === null ? null : nameOf(new Fields(traits, 'traits'))
    return [
      {
        ...call.draft,
        event_type: 'track',
        event_name: 'identify',
        actor_name: name ?? call.draft.actor_name ?? null,
        traits,
        attributes: segmentRest(call),
      },
    ]
  },
}

function nameOf(traits: Fields): string | null {
  const whole = traits.text('name')
  if (whole !== null) return whole
  const parts = [traits.text('firstName'), traits.text('lastName')].filter(part => part !== null)
  return parts.length === 0 ? null : parts.join(' ')
}
