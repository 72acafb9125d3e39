import { EventBuilder } from '../event-builder.ts'
import { isObject } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { PreparedJson } from '../json-text.ts'
import type { SourceContext } from '../source.ts'
import type { UnifiedEvent } from '../unified-event.ts'
import { plainAttributes } from './any-value.ts'
import { mapResource } from './conventions.ts'

/** A span, log record or metric, and what it was sent below. */
export interface OtlpItem {
  resource: unknown
  scope: unknown
  item: unknown
}

/** Throws ItemError when the caller has not put it together. */
export function parseOtlpItem(
  value: unknown,
  what: string,
): { resource: unknown; scope: unknown; item: Record<string, unknown> } {
  if (!isObject(value) || !isObject(value.item)) throw new ItemError(`the ${what} is no object`)
  return { resource: value.resource, scope: value.scope, item: value.item }
}

/** Columns that a resource may fill. */
type ResourceColumns = Omit<UnifiedEvent, 'id' | 'event_type' | 'event_name' | 'ns' | 'timestamp'>

export interface Origin {
  columns: ResourceColumns
  serviceName: string | null
  serviceNamespace: string | null
  /** What has no column of the resource and the scope; null when that is nothing. */
  context: PreparedJson | null
  scopeName: string | null
}

// A request has thousands of items below a few resources, and nobody changes those.
const cache = new WeakMap<object, WeakMap<object, Origin>>()
const NONE = {}

/** What all items below a resource and a scope have in common. */
export function originOf(resource: unknown, scope: unknown): Origin {
  const resourceKey = isObject(resource) ? resource : NONE
  const scopeKey = isObject(scope) ? scope : NONE
  let scopes = cache.get(resourceKey)
  if (!scopes) {
    scopes = new WeakMap()
    cache.set(resourceKey, scopes)
  }
  let origin = scopes.get(scopeKey)
  if (!origin) {
    origin = readOrigin(resourceKey, scopeKey)
    scopes.set(scopeKey, origin)
  }
  return origin
}

function readOrigin(resource: Record<string, unknown>, scope: Record<string, unknown>): Origin {
  const filled = new EventBuilder()
  const rest = mapResource(plainAttributes(resource.attributes), filled)
  const columns = filled.toRow() as ResourceColumns
  const scopeAttributes = plainAttributes(scope.attributes)
  const scopeName = typeof scope.name === 'string' && scope.name !== '' ? scope.name : null
  const scopeVersion = typeof scope.version === 'string' && scope.version !== '' ? scope.version : null
  const context = {
    ...(hasKeys(rest) ? { resource: rest } : {}),
    ...(scopeName === null && scopeVersion === null && !hasKeys(scopeAttributes)
      ? {}
      : {
          scope: {
            ...(scopeName === null ? {} : { name: scopeName }),
            ...(scopeVersion === null ? {} : { version: scopeVersion }),
            ...(hasKeys(scopeAttributes) ? { attributes: scopeAttributes } : {}),
          },
        }),
  }
  return {
    columns,
    serviceName: textOf(columns.service_name),
    serviceNamespace: textOf(columns.service_namespace),
    context: hasKeys(context) ? new PreparedJson(context) : null,
    scopeName,
  }
}

/** The namespace of what a service sends: its own, else its name, else the sender's. */
export function namespaceOf(origin: Origin, context: SourceContext): string {
  return origin.serviceNamespace ?? origin.serviceName ?? context.ns
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export function hasKeys(value: object): boolean {
  for (const _ in value) return true
  return false
}
