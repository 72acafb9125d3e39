import { Fields, merged } from './fields.ts'
import { ItemError } from './item-error.ts'
import type { EventDraft, SourceContext } from './source.ts'
import { readTime } from './times.ts'
import { urlColumns } from './url-columns.ts'

/** What every call of Segment's API has: who, when, where, with what. */
export interface SegmentCall {
  fields: Fields
  /** Columns, without those of the call itself. */
  draft: Omit<EventDraft, 'event_type' | 'event_name'>
}

const MAX_ID_LENGTH = 1_024

/** Reads the common part of a call, by the names that Segment's own libraries send. Throws ItemError. */
export function readSegmentCall(item: unknown, context: SourceContext): SegmentCall {
  const fields = new Fields(item)
  const userId = fields.text('userId')
  const anonymousId = fields.text('anonymousId')
  if (userId === null && anonymousId === null) throw new ItemError('userId and anonymousId are missing; one is needed')
  const messageId = fields.text('messageId')
  if (messageId !== null && messageId.length > MAX_ID_LENGTH)
    throw new ItemError('messageId is longer than 1024 characters')
  const timestamp = fields.time('timestamp')
  const original = fields.time('originalTimestamp')
  const sent = fields.time('sentAt')
  // Read so that they are no rest: the server has its own, the library's call says its own.
  fields.any('receivedAt')
  fields.any('writeKey')
  fields.any('type')
  const given = fields.fields('context')
  const campaign = given?.fields('campaign')
  const device = given?.fields('device')
  const library = given?.fields('library')
  const location = given?.fields('location')
  const os = given?.fields('os')
  const app = given?.fields('app')
  const page = given?.fields('page')
  const url = page?.text('url') ?? null
  const screen = given?.fields('screen')
  const width = screen?.number('width') ?? null
  const height = screen?.number('height') ?? null
  const search = page?.text('search') ?? null
  return {
    fields,
    draft: {
      id: messageId === null ? null : `segment:${messageId}`,
      ns: context.ns,
      timestamp: timestamp ?? original ?? sent,
      actor_id: userId,
      actor_type: userId === null ? null : 'user',
      actor_name: given?.fields('traits')?.text('name') ?? null,
      anonymous_id: anonymousId,
      session_id: given?.text('sessionId') ?? given?.text('session_id') ?? context.sessionId ?? null,
      ...(url === null ? {} : urlColumns(url)),
      http_path: page?.text('path') ?? (url === null ? null : urlColumns(url).http_path),
      http_referrer: page?.text('referrer') ?? null,
      http_user_agent: given?.text('userAgent') ?? context.userAgent ?? null,
      page_title: page?.text('title') ?? null,
      page_search: search,
      http_query: search?.replace(/^\?/, '') || (url === null ? null : urlColumns(url).http_query),
      campaign_name: campaign?.text('name') ?? null,
      campaign_source: campaign?.text('source') ?? null,
      campaign_medium: campaign?.text('medium') ?? null,
      campaign_term: campaign?.text('term') ?? null,
      campaign_content: campaign?.text('content') ?? null,
      campaign_id: campaign?.text('id') ?? null,
      device_type: device?.text('type') ?? null,
      device_model: device?.text('model') ?? null,
      // Libraries say manufacturer; some say brand.
      device_brand: device?.text('manufacturer') ?? device?.text('brand') ?? null,
      os_name: os?.text('name') ?? null,
      os_version: os?.text('version') ?? null,
      client_type: library ? 'library' : null,
      client_name: library?.text('name') ?? null,
      client_version: library?.text('version') ?? null,
      service_name: app?.text('name') ?? null,
      service_version: app?.text('version') ?? null,
      screen_size: width === null || height === null ? null : `${width}x${height}`,
      geo_country: location?.text('country') ?? null,
      geo_region: location?.text('region') ?? null,
      geo_city: location?.text('city') ?? null,
      geo_latitude: location?.number('latitude') ?? null,
      geo_longitude: location?.number('longitude') ?? null,
      geo_timezone: given?.text('timezone') ?? null,
      context: fields.object('context'),
      event_source: 'segment',
    },
  }
}

/** What of a call has no column: how it was sent, and keys that Segment does not know. */
export function segmentRest({ fields }: SegmentCall): Record<string, unknown> | null {
  const rest = fields.rest()
  return merged(rest, {
    original_timestamp: readTime(fields.any('originalTimestamp')),
    sent_at: readTime(fields.any('sentAt')),
  })
}
