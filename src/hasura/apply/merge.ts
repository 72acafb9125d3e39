import { ObservabilityError } from '../../errors.ts'
import { type JsonObject, OWN_NAMES, type OwnMetadata, SOURCE_NAME } from '../own-metadata.ts'

/** Somebody's whole metadata with our part in it. Nothing of theirs is changed, in whatever order or form it is. */
export function withOwn(metadata: JsonObject, own: OwnMetadata): JsonObject {
  const existing = ownSourceOf(metadata, own.source)
  const source = existing ? mergeSource(existing, own) : own.source
  const sources = listOf(metadata.sources)
  return {
    ...metadata,
    sources: existing ? sources.map(item => (item === existing ? source : item)) : [...sources, source],
    query_collections: [
      ...listOf(metadata.query_collections).filter(item => !isOwnName(item.name)),
      ...own.collections,
    ],
    rest_endpoints: [...listOf(metadata.rest_endpoints).filter(item => !isOwnName(item.name)), ...own.restEndpoints],
  }
}

/** Somebody's whole metadata without our part. */
export function withoutOwn(metadata: JsonObject, own: OwnMetadata): JsonObject {
  const existing = ownSourceOf(metadata, own.source)
  const rest: JsonObject = { ...metadata, sources: listOf(metadata.sources).filter(item => item !== existing) }
  const removals: [string, (item: JsonObject) => unknown][] = [
    ['query_collections', item => item.name],
    ['rest_endpoints', item => item.name],
    // An entry of the allow list names a collection.
    ['allowlist', item => item.collection],
  ]
  for (const [key, nameOf] of removals) {
    const list = listOf(metadata[key])
    const kept = list.filter(item => !isOwnName(nameOf(item)))
    if (kept.length < list.length) rest[key] = kept
  }
  return rest
}

/** What of a metadata is ours: of interest when two are compared. */
export function ownPart(metadata: JsonObject): JsonObject {
  return {
    sources: listOf(metadata.sources).filter(item => item.name === SOURCE_NAME),
    query_collections: listOf(metadata.query_collections).filter(item => isOwnName(item.name)),
    rest_endpoints: listOf(metadata.rest_endpoints).filter(item => isOwnName(item.name)),
    allowlist: listOf(metadata.allowlist).filter(item => isOwnName(item.collection)),
  }
}

function ownSourceOf(metadata: JsonObject, own: JsonObject): JsonObject | undefined {
  const existing = listOf(metadata.sources).find(item => item.name === SOURCE_NAME)
  if (!existing) return undefined
  const names = new Set(listOf(own.tables).map(tableName))
  const tables = listOf(existing.tables)
  if (tables.length > 0 && !tables.some(table => names.has(tableName(table)))) {
    throw new ObservabilityError(
      'HASURA_SOURCE_TAKEN',
      `this Hasura has a source "${SOURCE_NAME}" that is not ours: it tracks ${tables.map(tableName).slice(0, 3).join(', ')}. Rename it there, or check OBSERVABILITY_SCHEMA`,
    )
  }
  return existing
}

// What somebody has added to our source stays: tables and functions of other schemas, permissions of their roles,
// relationships to other sources, event triggers. So does how they connect, unless it is asked for.
function mergeSource(existing: JsonObject, own: OwnMetadata): JsonObject {
  const { source } = own
  return {
    ...existing,
    ...source,
    configuration: own.setsConfiguration ? source.configuration : (existing.configuration ?? source.configuration),
    customization: source.customization ?? {},
    tables: mergeList(listOf(existing.tables), listOf(source.tables), tableName, mergeTable),
    functions: mergeList(listOf(existing.functions), listOf(source.functions), functionName, (_theirs, ours) => ours),
  }
}

const PERMISSIONS = ['select_permissions', 'insert_permissions', 'update_permissions', 'delete_permissions'] as const

function mergeTable(theirs: JsonObject, ours: JsonObject): JsonObject {
  const merged: JsonObject = { ...ours }
  for (const key of ['remote_relationships', 'event_triggers']) {
    if (theirs[key] !== undefined) merged[key] = theirs[key]
  }
  for (const key of PERMISSIONS) {
    const added = listOf(theirs[key]).filter(
      ({ role }) => typeof role === 'string' && !role.startsWith('observability_'),
    )
    if (added.length > 0) merged[key] = [...listOf(ours[key]), ...added]
  }
  return merged
}

function mergeList(
  theirs: JsonObject[],
  ours: JsonObject[],
  nameOf: (item: JsonObject) => string,
  merge: (theirs: JsonObject, ours: JsonObject) => JsonObject,
): JsonObject[] {
  const before = new Map(theirs.map(item => [nameOf(item), item]))
  const own = new Set(ours.map(nameOf))
  // Our schema is ours alone: what is gone from it is gone.
  const schemas = new Set([...own].map(schemaOf))
  return [
    ...ours.map(item => {
      const existing = before.get(nameOf(item))
      return existing ? merge(existing, item) : item
    }),
    ...theirs.filter(item => !own.has(nameOf(item)) && !schemas.has(schemaOf(nameOf(item)))),
  ]
}

const schemaOf = (name: string): string => name.slice(0, name.indexOf('.'))
const tableName = (item: JsonObject): string => qualified(item.table ?? item)
const functionName = (item: JsonObject): string => qualified(item.function ?? item)

function qualified(name: unknown): string {
  if (typeof name === 'string') return `public.${name}`
  const { schema = 'public', name: plain } = name as { schema?: string; name?: string }
  return `${schema}.${plain}`
}

const isOwnName = (name: unknown): boolean => typeof name === 'string' && name.startsWith(OWN_NAMES)

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value : []
}
