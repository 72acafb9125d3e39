import { type MetadataNode, readDirectory } from './metadata-node.ts'
import { isServed, sourceParser } from './metadata-parser.ts'
import { parseRequestRules } from './metadata-request-rules.ts'

/** The part of Hasura's metadata v3 that we use, with Hasura's own key names. */
export interface HasuraMetadata {
  version: 3
  sources: MetadataSource[]
  query_collections?: MetadataQueryCollection[]
  rest_endpoints?: MetadataRestEndpoint[]
  allow_list?: MetadataAllowListEntry[]
  graphql_schema_introspection?: { disabled_for_roles: string[] }
  api_limits?: MetadataApiLimits
  inherited_roles?: MetadataInheritedRole[]
  /** What the directory has and we do not serve, a sentence each: actions, remote schemas. */
  ignored?: string[]
}

export interface MetadataQueryCollection {
  name: string
  definition: { queries: { name: string; query: string }[] }
}

/** A saved query under `/api/rest/` and this URL, in which `:name` is a variable. */
export interface MetadataRestEndpoint {
  name: string
  url: string
  methods: string[]
  definition: { query: { collection_name: string; query_name: string } }
  comment?: string
}

export interface MetadataAllowListEntry {
  collection: string
  /** Undefined: for all roles. */
  scope?: { global: boolean; roles: string[] }
}

/** A bound for everyone, and others for single roles. */
export interface MetadataRoleLimits<T> {
  global?: T
  per_role?: Record<string, T>
}

export interface MetadataRateLimit {
  max_reqs_per_min: number
  /** Who has a count of their own: an address, or whoever has the same values in these session variables. @default all of a role together */
  unique_params?: 'IP' | string[]
}

export interface MetadataApiLimits {
  disabled?: boolean
  depth_limit?: MetadataRoleLimits<number>
  node_limit?: MetadataRoleLimits<number>
  batch_limit?: MetadataRoleLimits<number>
  /** In seconds. */
  time_limit?: MetadataRoleLimits<number>
  rate_limit?: MetadataRoleLimits<MetadataRateLimit>
}

export interface MetadataInheritedRole {
  role_name: string
  role_set: string[]
}

export interface MetadataSource {
  name: string
  kind: string
  configuration: Record<string, unknown>
  customization?: MetadataCustomization
  tables: MetadataTable[]
  functions: MetadataFunction[]
}

export interface MetadataCustomization {
  root_fields?: { namespace?: string; prefix?: string; suffix?: string }
  type_names?: { prefix?: string; suffix?: string }
  naming_convention?: NamingConvention
}

/** `t_by_pk` and `t_bool_exp`, or `tByPk` and `TBoolExp`. */
export type NamingConvention = 'hasura-default' | 'graphql-default'

export interface QualifiedName {
  schema: string
  name: string
}

export interface MetadataTable {
  table: QualifiedName
  is_enum?: boolean
  configuration?: MetadataTableConfiguration
  object_relationships?: MetadataRelationship[]
  array_relationships?: MetadataRelationship[]
  computed_fields?: MetadataComputedField[]
  select_permissions?: MetadataPermission<MetadataSelectPermission>[]
  insert_permissions?: MetadataPermission<MetadataInsertPermission>[]
  update_permissions?: MetadataPermission<MetadataUpdatePermission>[]
  delete_permissions?: MetadataPermission<MetadataDeletePermission>[]
  event_triggers?: MetadataEventTrigger[]
}

export interface MetadataTableConfiguration {
  custom_name?: string
  comment?: string
  /** By column: `custom_column_names`, the older spelling, is merged into it. */
  column_config?: Record<string, { custom_name?: string; comment?: string }>
  /** By Hasura's name of the root field (`select`, `select_by_pk`, `select_aggregate` …). */
  custom_root_fields?: Record<string, { name?: string; comment?: string }>
}

/** Where a relationship leads. Which side the columns of a foreign key are on depends on the form. */
export type MetadataRelationshipTarget =
  | {
      kind: 'manual'
      remote_table: QualifiedName
      column_mapping: Record<string, string>
      insertion_order?: 'before_parent' | 'after_parent'
    }
  /** Columns of this table that refer to another one. */
  | { kind: 'foreign_key'; columns: string[] }
  /** Columns of the other table that refer to this one. */
  | { kind: 'reverse_foreign_key'; table: QualifiedName; columns: string[] }

export interface MetadataRelationship {
  name: string
  using: MetadataRelationshipTarget
  comment?: string
}

export interface MetadataComputedField {
  name: string
  definition: { function: QualifiedName; table_argument?: string; session_argument?: string }
  comment?: string
}

export interface MetadataPermission<P> {
  role: string
  permission: P
  comment?: string
}

export interface MetadataSelectPermission {
  columns: '*' | string[]
  filter: Record<string, unknown>
  limit?: number
  allow_aggregations: boolean
  computed_fields?: string[]
  /** Undefined: all of them. */
  query_root_fields?: string[]
  subscription_root_fields?: string[]
}

export interface MetadataInsertPermission {
  columns: '*' | string[]
  /** Has to hold for every row that was inserted. */
  check: Record<string, unknown>
  /** Values of columns, which clients then cannot give themselves. */
  set: Record<string, unknown>
  backend_only: boolean
}

export interface MetadataUpdatePermission {
  columns: '*' | string[]
  filter: Record<string, unknown>
  /** Has to hold for every row after the update; null: nothing has to. */
  check: Record<string, unknown> | null
  set: Record<string, unknown>
  backend_only: boolean
}

export interface MetadataDeletePermission {
  filter: Record<string, unknown>
  backend_only: boolean
}

export interface MetadataFunction {
  function: QualifiedName
  configuration?: {
    custom_name?: string
    custom_root_fields?: { function?: string; function_aggregate?: string }
    exposed_as?: 'query' | 'mutation'
    session_argument?: string
  }
  permissions?: { role: string }[]
  comment?: string
}

export interface MetadataEventTriggerOperation {
  columns: '*' | string[]
  payload?: '*' | string[]
}

export interface MetadataEventTrigger {
  name: string
  definition: {
    enable_manual: boolean
    insert?: MetadataEventTriggerOperation
    update?: MetadataEventTriggerOperation
    delete?: MetadataEventTriggerOperation
  }
  retry_conf?: { num_retries: number; interval_sec: number; timeout_sec: number }
  webhook?: string
  webhook_from_env?: string
  headers?: { name: string; value?: string; value_from_env?: string }[]
}

export interface ReadMetadataOptions {
  /** Reads every mention of one schema as another, for databases whose schema was given another name. */
  renameSchema?: { from: string; to: string }
}

/**
 * Reads a metadata v3 directory. A missing file means "not set"; keys we do not use are ignored, as a newer Hasura may
 * have them. Throws METADATA_INVALID, which names the file, the key and what is allowed there.
 */
export async function readMetadata(directory: string, options: ReadMetadataOptions = {}): Promise<HasuraMetadata> {
  const { version, databases, inheritedRoles, actions, remoteSchemas, requestRules } = await readDirectory(directory)
  version.key('version').oneOf([3])
  const parseSource = sourceParser(options.renameSchema)
  const sources = databases.isNull() ? [] : databases.list()
  const tables = sources.flatMap(source => source.optional('tables')?.list() ?? [])
  const ignored = [
    ...namesIn(actions.isObject() ? actions.optional('actions') : undefined).map(name => `action ${name}`),
    ...namesIn(remoteSchemas).map(name => `remote schema ${name}`),
    ...tables.flatMap(remoteRelationships),
    ...tables.flatMap(validatedPermissions),
  ]
  return {
    version: 3,
    sources: sources.map(parseSource),
    ...parseRequestRules(requestRules),
    ...(inheritedRoles.isNull() ? {} : { inherited_roles: inheritedRoles.list().map(inheritedRole) }),
    ...(ignored.length === 0 ? {} : { ignored: ignored.map(what => `${what} is not supported and left out`) }),
  }
}

function inheritedRole(node: MetadataNode): MetadataInheritedRole {
  return { role_name: node.key('role_name').text(), role_set: node.key('role_set').texts() }
}

const namesIn = (node: MetadataNode | undefined): string[] =>
  node === undefined || node.isNull() ? [] : node.list().map(item => item.key('name').text())

function remoteRelationships(table: MetadataNode): string[] {
  if (!table.isObject()) return []
  return namesIn(table.optional('remote_relationships')).map(name => `remote relationship ${name}`)
}

function validatedPermissions(table: MetadataNode): string[] {
  if (!table.isObject()) return []
  const name = table.key('table')
  const shown = name.isText() ? name.text() : name.key('name').text()
  return (['insert', 'update', 'delete'] as const).flatMap(kind =>
    (table.optional(`${kind}_permissions`)?.list() ?? [])
      .filter(permission => !isServed(permission))
      .map(item => `${kind} permission of role ${item.key('role').text()} on ${shown} with validate_input`),
  )
}
