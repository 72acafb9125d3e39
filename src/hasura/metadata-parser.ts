import type {
  MetadataComputedField,
  MetadataCustomization,
  MetadataDeletePermission,
  MetadataEventTrigger,
  MetadataEventTriggerOperation,
  MetadataFunction,
  MetadataInsertPermission,
  MetadataPermission,
  MetadataRelationship,
  MetadataRelationshipTarget,
  MetadataSelectPermission,
  MetadataSource,
  MetadataTable,
  MetadataTableConfiguration,
  MetadataUpdatePermission,
  QualifiedName,
  ReadMetadataOptions,
} from './metadata.ts'
import { included, type MetadataNode } from './metadata-node.ts'

/** Whether a permission to write is served: one with `validate_input` is not, as nobody would validate what is written. */
export const isServed = (permission: MetadataNode): boolean =>
  permission.key('permission').optional('validate_input') === undefined

/** Reads a source's tables and functions from its node, with one schema possibly read as another. */
export function sourceParser(rename: ReadMetadataOptions['renameSchema']) {
  const schemaName = (name: string): string => (name === rename?.from ? rename.to : name)

  function source(node: MetadataNode): MetadataSource {
    const customization = node.optional('customization')
    return {
      name: node.key('name').text(),
      kind: node.optional('kind')?.text() ?? 'postgres',
      configuration: node.optional('configuration')?.object() ?? {},
      ...(customization === undefined ? {} : { customization: parseCustomization(customization) }),
      tables: node.optional('tables')?.list().map(table) ?? [],
      functions: node.optional('functions')?.list().map(trackedFunction) ?? [],
    }
  }

  function qualifiedName(node: MetadataNode): QualifiedName {
    if (node.isText()) return { schema: schemaName('public'), name: node.text() }
    return { schema: schemaName(node.optional('schema')?.text() ?? 'public'), name: node.key('name').text() }
  }

  function table(node: MetadataNode): MetadataTable {
    if (node.isText()) return { table: qualifiedName(node) }
    return included<MetadataTable>({
      table: qualifiedName(node.key('table')),
      is_enum: node.optional('is_enum')?.boolean(),
      configuration: mapOptional(node.optional('configuration'), parseTableConfiguration),
      object_relationships: node.optional('object_relationships')?.list().map(objectRelationship),
      array_relationships: node.optional('array_relationships')?.list().map(arrayRelationship),
      computed_fields: node.optional('computed_fields')?.list().map(computedField),
      select_permissions: node.optional('select_permissions')?.list().map(selectPermission),
      insert_permissions: node.optional('insert_permissions')?.list().filter(isServed).map(insertPermission),
      update_permissions: node.optional('update_permissions')?.list().filter(isServed).map(updatePermission),
      delete_permissions: node.optional('delete_permissions')?.list().filter(isServed).map(deletePermission),
      event_triggers: node.optional('event_triggers')?.list().map(parseEventTrigger),
    })
  }

  function objectRelationship(node: MetadataNode): MetadataRelationship {
    const using = node.key('using')
    const reference = using.optional('foreign_key_constraint_on')
    // One column or a list of them is a key of this table; an object is a key of the other one (one to one).
    if (reference !== undefined && !reference.isObject()) {
      return relationship(node, { kind: 'foreign_key', columns: reference.texts() })
    }
    return arrayRelationship(node)
  }

  function arrayRelationship(node: MetadataNode): MetadataRelationship {
    const using = node.key('using')
    const reference = using.optional('foreign_key_constraint_on')
    if (reference !== undefined) {
      const columns = reference.optional('columns') ?? reference.key('column')
      return relationship(node, {
        kind: 'reverse_foreign_key',
        table: qualifiedName(reference.key('table')),
        columns: columns.texts(),
      })
    }
    const manual =
      using.optional('manual_configuration') ??
      using.fail('must have foreign_key_constraint_on or manual_configuration')
    return relationship(node, {
      kind: 'manual',
      ...included<{ insertion_order?: 'before_parent' | 'after_parent' }>({
        insertion_order: manual.optional('insertion_order')?.oneOf(['before_parent', 'after_parent']),
      }),
      remote_table: qualifiedName(manual.key('remote_table')),
      column_mapping: Object.fromEntries(
        manual
          .key('column_mapping')
          .entries()
          .map(([from, to]) => [from, to.text()]),
      ),
    })
  }

  function relationship(node: MetadataNode, using: MetadataRelationshipTarget): MetadataRelationship {
    return included<MetadataRelationship>({
      name: node.key('name').text(),
      using,
      comment: node.optional('comment')?.text(),
    })
  }

  function computedField(node: MetadataNode): MetadataComputedField {
    const definition = node.key('definition')
    return included<MetadataComputedField>({
      name: node.key('name').text(),
      definition: included<MetadataComputedField['definition']>({
        function: qualifiedName(definition.key('function')),
        table_argument: definition.optional('table_argument')?.text(),
        session_argument: definition.optional('session_argument')?.text(),
      }),
      comment: node.optional('comment')?.text(),
    })
  }

  function selectPermission(node: MetadataNode): MetadataPermission<MetadataSelectPermission> {
    return permission(node, from =>
      included<MetadataSelectPermission>({
        columns: from.key('columns').starOrTexts(),
        filter: expression(from.optional('filter')?.object() ?? {}),
        limit: from.optional('limit')?.wholeNumber(),
        allow_aggregations: from.optional('allow_aggregations')?.boolean() ?? false,
        computed_fields: from.optional('computed_fields')?.texts(),
        query_root_fields: from.optional('query_root_fields')?.texts(),
        subscription_root_fields: from.optional('subscription_root_fields')?.texts(),
      }),
    )
  }

  function insertPermission(node: MetadataNode): MetadataPermission<MetadataInsertPermission> {
    return permission(node, from => ({
      columns: from.optional('columns')?.starOrTexts() ?? '*',
      check: expression(from.optional('check')?.object() ?? {}),
      set: from.optional('set')?.object() ?? {},
      backend_only: from.optional('backend_only')?.boolean() ?? false,
    }))
  }

  function updatePermission(node: MetadataNode): MetadataPermission<MetadataUpdatePermission> {
    return permission(node, from => {
      const check = from.optional('check')
      return {
        columns: from.key('columns').starOrTexts(),
        filter: expression(from.optional('filter')?.object() ?? {}),
        check: check === undefined ? null : expression(check.object()),
        set: from.optional('set')?.object() ?? {},
        backend_only: from.optional('backend_only')?.boolean() ?? false,
      }
    })
  }

  function deletePermission(node: MetadataNode): MetadataPermission<MetadataDeletePermission> {
    return permission(node, from => ({
      filter: expression(from.optional('filter')?.object() ?? {}),
      backend_only: from.optional('backend_only')?.boolean() ?? false,
    }))
  }

  function permission<P>(node: MetadataNode, parse: (node: MetadataNode) => P): MetadataPermission<P> {
    return included<MetadataPermission<P>>({
      role: node.key('role').text(),
      permission: parse(node.key('permission')),
      comment: node.optional('comment')?.text(),
    })
  }

  // Expressions stay as they are, except for the tables that `_exists` names.
  function expression(value: Record<string, unknown>): Record<string, unknown> {
    return renameTables(value) as Record<string, unknown>
  }

  function renameTables(value: unknown): unknown {
    if (rename === undefined || typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(renameTables)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (key !== '_table' || typeof item !== 'object' || item === null) return [key, renameTables(item)]
        const { schema } = item as { schema?: unknown }
        return [key, { ...item, ...(typeof schema === 'string' ? { schema: schemaName(schema) } : {}) }]
      }),
    )
  }

  function trackedFunction(node: MetadataNode): MetadataFunction {
    if (node.isText()) return { function: qualifiedName(node) }
    return included<MetadataFunction>({
      function: qualifiedName(node.key('function')),
      configuration: mapOptional(node.optional('configuration'), parseFunctionConfiguration),
      permissions: node
        .optional('permissions')
        ?.list()
        .map(item => ({ role: item.key('role').text() })),
      comment: node.optional('comment')?.text(),
    })
  }

  return source
}

function parseCustomization(node: MetadataNode): MetadataCustomization {
  const rootFields = node.optional('root_fields')
  const typeNames = node.optional('type_names')
  const affixes = (from: MetadataNode) => ({
    prefix: from.optional('prefix')?.text(),
    suffix: from.optional('suffix')?.text(),
  })
  return included<MetadataCustomization>({
    root_fields: mapOptional(rootFields, from =>
      included({ namespace: from.optional('namespace')?.text(), ...affixes(from) }),
    ),
    type_names: mapOptional(typeNames, from => included(affixes(from))),
    naming_convention: node.optional('naming_convention')?.oneOf(['hasura-default', 'graphql-default']),
  })
}

function parseTableConfiguration(node: MetadataNode): MetadataTableConfiguration {
  const columns: NonNullable<MetadataTableConfiguration['column_config']> = {}
  for (const [column, name] of node.optional('custom_column_names')?.entries() ?? []) {
    columns[column] = { custom_name: name.text() }
  }
  for (const [column, config] of node.optional('column_config')?.entries() ?? []) {
    columns[column] = included({
      custom_name: config.optional('custom_name')?.text(),
      comment: config.optional('comment')?.text(),
    })
  }
  const rootFields: NonNullable<MetadataTableConfiguration['custom_root_fields']> = {}
  for (const [field, custom] of node.optional('custom_root_fields')?.entries() ?? []) {
    if (custom.isNull()) continue
    rootFields[field] = custom.isText()
      ? { name: custom.text() }
      : included({ name: custom.optional('name')?.text(), comment: custom.optional('comment')?.text() })
  }
  return included<MetadataTableConfiguration>({
    custom_name: node.optional('custom_name')?.text(),
    comment: node.optional('comment')?.text(),
    column_config: columns,
    custom_root_fields: rootFields,
  })
}

function parseFunctionConfiguration(node: MetadataNode): NonNullable<MetadataFunction['configuration']> {
  const rootFields = node.optional('custom_root_fields')
  return included<NonNullable<MetadataFunction['configuration']>>({
    custom_name: node.optional('custom_name')?.text(),
    custom_root_fields: mapOptional(rootFields, from =>
      included({
        function: from.optional('function')?.text(),
        function_aggregate: from.optional('function_aggregate')?.text(),
      }),
    ),
    exposed_as: node.optional('exposed_as')?.oneOf(['query', 'mutation']),
    session_argument: node.optional('session_argument')?.text(),
  })
}

function parseEventTrigger(node: MetadataNode): MetadataEventTrigger {
  const definition = node.key('definition')
  const operation = (name: 'insert' | 'update' | 'delete'): MetadataEventTriggerOperation | undefined =>
    mapOptional(definition.optional(name), from =>
      included<MetadataEventTriggerOperation>({
        columns: from.key('columns').starOrTexts(),
        payload: from.optional('payload')?.starOrTexts(),
      }),
    )
  const trigger = included<MetadataEventTrigger>({
    name: node.key('name').text(),
    definition: included<MetadataEventTrigger['definition']>({
      enable_manual: definition.optional('enable_manual')?.boolean() ?? false,
      insert: operation('insert'),
      update: operation('update'),
      delete: operation('delete'),
    }),
    // What is left out has Hasura's own defaults.
    retry_conf: mapOptional(node.optional('retry_conf'), conf => ({
      num_retries: conf.optional('num_retries')?.wholeNumber() ?? 0,
      interval_sec: conf.optional('interval_sec')?.wholeNumber() ?? 10,
      timeout_sec: conf.optional('timeout_sec')?.wholeNumber() ?? 60,
    })),
    webhook: node.optional('webhook')?.text(),
    webhook_from_env: node.optional('webhook_from_env')?.text(),
    headers: node
      .optional('headers')
      ?.list()
      .map(header =>
        included<NonNullable<MetadataEventTrigger['headers']>[number]>({
          name: header.key('name').text(),
          value: header.optional('value')?.text(),
          value_from_env: header.optional('value_from_env')?.text(),
        }),
      ),
  })
  if (trigger.webhook === undefined && trigger.webhook_from_env === undefined) {
    node.fail('must have webhook or webhook_from_env')
  }
  return trigger
}

function mapOptional<T>(node: MetadataNode | undefined, parse: (node: MetadataNode) => T): T | undefined {
  return node === undefined ? undefined : parse(node)
}
