import { Fields } from '../fields.ts'
import { readSegmentCall, segmentRest } from '../segment-fields.ts'
import type { Source } from '../source.ts'
import { urlColumns } from '../url-columns.ts'

/** Segment's `page`: a page that somebody looked at. What the call says of it wins over its context. */
export const segmentPage: Source = {
  name: 'segment-page',
  toEvents(item, context) {
    const call = readSegmentCall(item, context)
    const { draft, fields } = call
    const category = fields.text('category')
    const name = fields.text('name')
    const properties = fields.object('properties')
    const own = properties === null ? null : new Fields(properties, 'properties')
    const url = own?.text('url') ?? null
    const search = own?.text('search') ?? null
    const address = url === null ? null : urlColumns(url)
    return [
      {
        ...draft,
        ...(address ?? {}),
        event_type: 'page',
        event_name: category === null ? 'page_view' : `${category}.page_view`,
        page_title: name ?? own?.text('title') ?? draft.page_title ?? null,
        http_path: own?.text('path') ?? address?.http_path ?? draft.http_path ?? null,
        http_referrer: own?.text('referrer') ?? draft.http_referrer ?? null,
        http_query: search?.replace(/^\?/, '') || (address?.http_query ?? draft.http_query ?? null),
        page_search: search ?? draft.page_search ?? null,
        properties,
        attributes: segmentRest(call),
      },
    ]
  },
}
