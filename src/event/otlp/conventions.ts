import { type EventBuilder, placeOf } from '../event-builder.ts'
import { setKey, toWhole } from '../fields.ts'
import type { UnifiedEvent } from '../unified-event.ts'

type Column = keyof UnifiedEvent
type Kind = 'text' | 'whole' | 'small' | 'number'
interface Target {
  /** Of its column in the table. */
  place: number
  kind: Kind
  /** Whether the name is of the current conventions, and wins over an earlier one. */
  current: boolean
}

/** Attributes that have a column: the current name first, then the names of earlier conventions. */
const NAMES: readonly [column: Column, kind: Kind, ...attributes: string[]][] = [
  ['session_id', 'text', 'session.id'],
  ['correlation_id', 'text', 'correlation.id', 'correlation_id'],
  ['actor_id', 'text', 'user.id', 'enduser.id'],
  ['actor_name', 'text', 'user.full_name', 'user.name'],
  ['error_type', 'text', 'error.type', 'exception.type'],
  ['error_message', 'text', 'exception.message', 'error.message'],
  ['error_stack', 'text', 'exception.stacktrace'],
  ['http_method', 'text', 'http.request.method', 'http.method'],
  ['http_url', 'text', 'url.full', 'http.url'],
  ['http_path', 'text', 'url.path'],
  ['http_query', 'text', 'url.query'],
  ['http_status', 'small', 'http.response.status_code', 'http.status_code'],
  ['http_protocol', 'text', 'network.protocol.version', 'http.flavor'],
  ['http_request_size', 'whole', 'http.request.body.size', 'http.request_content_length'],
  ['http_response_size', 'whole', 'http.response.body.size', 'http.response_content_length'],
  ['http_referrer', 'text', 'http.request.header.referer'],
  ['http_content_type', 'text', 'http.response.header.content-type'],
  ['http_user_agent', 'text', 'user_agent.original', 'http.user_agent'],
  ['geo_country', 'text', 'geo.country.iso_code'],
  ['geo_region', 'text', 'geo.region.iso_code'],
  ['geo_city', 'text', 'geo.locality.name'],
  ['geo_postal', 'text', 'geo.postal_code'],
  ['geo_latitude', 'number', 'geo.location.lat'],
  ['geo_longitude', 'number', 'geo.location.lon'],
  ['client_name', 'text', 'user_agent.name'],
  ['client_version', 'text', 'user_agent.version'],
  ['db_system', 'text', 'db.system.name', 'db.system'],
  ['db_name', 'text', 'db.namespace', 'db.name'],
  ['db_table', 'text', 'db.collection.name', 'db.sql.table', 'db.mongodb.collection'],
  ['db_operation', 'text', 'db.operation.name', 'db.operation'],
  ['db_statement', 'text', 'db.query.text', 'db.statement'],
  ['msg_system', 'text', 'messaging.system'],
  ['msg_destination', 'text', 'messaging.destination.name', 'messaging.destination'],
  ['msg_operation', 'text', 'messaging.operation.type', 'messaging.operation.name', 'messaging.operation'],
  ['msg_batch_size', 'small', 'messaging.batch.message_count'],
  ['msg_message_id', 'text', 'messaging.message.id', 'messaging.message_id'],
  ['rpc_system', 'text', 'rpc.system.name', 'rpc.system'],
  ['rpc_service', 'text', 'rpc.service'],
  ['rpc_method', 'text', 'rpc.method'],
  ['rpc_status', 'text', 'rpc.response.status_code', 'rpc.grpc.status_code'],
]

/** Attributes of the resource that have a column. */
const RESOURCE_NAMES: typeof NAMES = [
  ['service_name', 'text', 'service.name'],
  ['service_version', 'text', 'service.version'],
  ['service_instance', 'text', 'service.instance.id'],
  ['service_namespace', 'text', 'service.namespace'],
  ['host_name', 'text', 'host.name'],
  ['host_id', 'text', 'host.id'],
  ['cloud_provider', 'text', 'cloud.provider'],
  ['cloud_region', 'text', 'cloud.region'],
  ['cloud_zone', 'text', 'cloud.availability_zone', 'cloud.zone'],
  ['container_id', 'text', 'container.id'],
  ['k8s_namespace', 'text', 'k8s.namespace.name'],
  ['k8s_pod', 'text', 'k8s.pod.name'],
  ['k8s_deployment', 'text', 'k8s.deployment.name'],
  ['device_model', 'text', 'device.model.name', 'device.model.identifier'],
  ['device_brand', 'text', 'device.manufacturer'],
  ['os_name', 'text', 'os.name'],
  ['os_version', 'text', 'os.version'],
]

const tableOf = (names: typeof NAMES): ReadonlyMap<string, Target> =>
  new Map(
    names.flatMap(([column, kind, ...attributes]) =>
      attributes.map(
        (name, index) => [name, { place: placeOf(column) as number, kind, current: index === 0 }] as const,
      ),
    ),
  )
const ITEM = tableOf(NAMES)
const RESOURCE = tableOf(RESOURCE_NAMES)

/**
 * Puts attributes of a span or a log record into their columns, of which none may be filled yet. Returns those that have no
 * column, and those whose value does not fit theirs.
 */
export const mapAttributes = (
  attributes: Readonly<Record<string, unknown>>,
  into: EventBuilder,
): Record<string, unknown> => map(attributes, ITEM, into)

/** Puts attributes of a resource into their columns, likewise. */
export const mapResource = (
  attributes: Readonly<Record<string, unknown>>,
  into: EventBuilder,
): Record<string, unknown> => map(attributes, RESOURCE, into)

function map(
  attributes: Readonly<Record<string, unknown>>,
  table: ReadonlyMap<string, Target>,
  into: EventBuilder,
): Record<string, unknown> {
  const rest: Record<string, unknown> = {}
  for (const name in attributes) {
    const value = attributes[name]
    const target = table.get(name)
    const fitting = target ? toColumn(value, target.kind) : null
    if (!target || fitting === null) {
      setKey(rest, name, value)
      continue
    }
    const { place, current } = target
    const other = into.at(place)
    if (other === null) into.setAt(place, fitting)
    else if (other === fitting) continue
    else if (current) {
      // The name it came by is the one of the others that is there.
      for (const [old, { place: same }] of table)
        if (same === place && old !== name && old in attributes) rest[old] = attributes[old]
      into.setAt(place, fitting)
    } else rest[name] = value
  }
  return rest
}

function toColumn(value: unknown, kind: Kind): string | number | null {
  // Headers come as lists, which nearly always have one item.
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (kind === 'text') {
    if (typeof single === 'string') return single === '' ? null : single
    return typeof single === 'number' || typeof single === 'boolean' ? String(single) : null
  }
  if (kind === 'number') return typeof single === 'number' ? single : null
  const whole = toWhole(single)
  return kind === 'small' && (typeof whole !== 'number' || Math.abs(whole) > 0x7fff_ffff) ? null : whole
}
