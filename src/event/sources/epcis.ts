import { Fields, merged } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import { ItemError } from '../item-error.ts'
import type { Source } from '../source.ts'

const TYPES = [
  'ObjectEvent',
  'AggregationEvent',
  'TransactionEvent',
  'TransformationEvent',
  'AssociationEvent',
] as const
const VERBS: ReadonlyMap<string, string> = new Map(Object.entries({ ADD: 'add', DELETE: 'remove', OBSERVE: 'observe' }))

/** An event of EPCIS 2.0, in its JSON form: what happened to which goods, where and why. */
export const epcis: Source = {
  name: 'epcis',
  toEvents(item, context) {
    const fields = new Fields(item)
    const type = fields.oneOf('type', TYPES)
    if (type === null) throw new ItemError(`type is missing; it is one of ${TYPES.join(', ')}`)
    const timestamp = fields.time('eventTime')
    if (timestamp === null) throw new ItemError('eventTime is missing')
    const eventId = fields.text('eventID')
    const action = fields.text('action')
    const parentId = fields.text('parentID')
    const epcs = [
      ...texts(fields.list('epcList')),
      ...texts(fields.list('childEPCs')),
      ...texts(fields.list('outputEPCList')),
    ]
    const transactions = fields.list('bizTransactionList')
    const location = fields.fields('bizLocation')
    const readPoint = fields.fields('readPoint')
    return [
      {
        id: eventId === null ? hashedId('epcis', item) : `epcis:${eventId}`,
        event_type: 'track',
        event_name: type,
        ns: fields.text('ns') ?? context.ns,
        timestamp,
        action_verb: VERBS.get(action ?? 'OBSERVE') ?? action?.toLowerCase() ?? 'observe',
        resource_type: parentId !== null ? 'container' : epcs.length > 0 ? 'product' : null,
        resource_id: parentId ?? epcs[0] ?? null,
        biz_step: shortened(fields.text('bizStep')),
        biz_disposition: shortened(fields.text('disposition')),
        biz_transaction: transactionOf(transactions?.[0]),
        biz_location: location?.text('id') ?? null,
        biz_read_point: readPoint?.text('id') ?? null,
        data: merged({
          epcs: epcs.length > 0 ? epcs : null,
          action,
          transactions,
          recorded_at: fields.time('recordTime'),
          time_zone_offset: fields.text('eventTimeZoneOffset'),
        }),
        attributes: fields.rest(),
        event_source: 'epcis',
      },
    ]
  },
}

/** `urn:epcglobal:cbv:bizstep:shipping` and `https://ref.gs1.org/cbv/BizStep-shipping` are both `shipping`. */
function shortened(urn: string | null): string | null {
  return urn === null ? null : urn.replace(/^(?:urn:epcglobal:cbv:\w+:|https?:\/\/ref\.gs1\.org\/cbv\/\w+-)/i, '')
}

function transactionOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null ? new Fields(value).text('bizTransaction') : null
}

function texts(list: readonly unknown[] | null): string[] {
  return (list ?? []).filter(item => typeof item === 'string')
}
