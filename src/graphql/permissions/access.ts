import type { Catalog, Column, ComputedField, SelectRootField, Table, TableFunction } from '../catalog/types.ts'
import type { Condition } from '../plan/nodes.ts'
import { TRUE } from '../plan/nodes.ts'
import { parseFilter } from './filter.ts'
import { unite } from './inherit.ts'

/** What one role may read of one table. */
export interface TableAccess {
  readonly table: Table
  /** By GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
  /** By name. Of those that return rows, the role sees what it may see of their table. */
  readonly computedFields: ReadonlyMap<string, ComputedField>
  /** Holds for every row the role may see. */
  readonly filter: Condition
  readonly limit: number | null
  readonly aggregations: boolean
  /** What it may ask for at the root of a query, and of a subscription. */
  readonly rootFields: ReadonlySet<SelectRootField>
  readonly subscriptionFields: ReadonlySet<SelectRootField>
}

/** What one role may read: the schema is made of this and nothing else. */
export interface Access {
  readonly role: string
  readonly tables: readonly TableAccess[]
  readonly functions: readonly TableFunction[]
  /** Undefined when the role may see nothing of it. */
  table(table: Table): TableAccess | undefined
}

export interface AccessOptions {
  /** Whether a role that may select from a function's table may call the function without more. @default true */
  readonly inferFunctionPermissions?: boolean | undefined
}

export const ADMIN_ROLE = 'admin'

const QUERY_FIELDS: readonly SelectRootField[] = ['select', 'select_by_pk', 'select_aggregate']
const SUBSCRIPTION_FIELDS: readonly SelectRootField[] = [...QUERY_FIELDS, 'select_stream']

export function accessOf(catalog: Catalog, role: string, options: AccessOptions): Access {
  const byTable = new Map<Table, TableAccess>()
  for (const table of catalog.tables.values()) {
    const access = role === ADMIN_ROLE ? everything(table) : permitted(catalog, table, role, [])
    if (access !== undefined) byTable.set(table, access)
  }
  return Object.freeze({
    role,
    tables: Object.freeze([...byTable.values()]),
    functions: catalog.functions.filter(
      item =>
        byTable.has(item.returns) &&
        (role === ADMIN_ROLE ||
          (options.inferFunctionPermissions ?? true) ||
          withParents(catalog, role).some(name => item.roles?.has(name))),
    ),
    table: (table: Table) => byTable.get(table),
  })
}

function everything(table: Table): TableAccess {
  return Object.freeze({
    table,
    columns: table.columns,
    computedFields: table.computedFields,
    filter: TRUE,
    limit: null,
    aggregations: true,
    rootFields: new Set(QUERY_FIELDS),
    subscriptionFields: new Set(SUBSCRIPTION_FIELDS),
  })
}

/** The role and all that it inherits from. */
function withParents(catalog: Catalog, role: string, known: Set<string> = new Set()): string[] {
  if (known.has(role)) return []
  known.add(role)
  return [role, ...(catalog.inheritedRoles.get(role) ?? []).flatMap(parent => withParents(catalog, parent, known))]
}

/** A role's own permission on a table comes before what it inherits. `below` are the roles that ask. */
function permitted(catalog: Catalog, table: Table, role: string, below: readonly string[]): TableAccess | undefined {
  const permission = table.selectPermissions.get(role)
  if (permission === undefined) {
    const parents = below.includes(role) ? [] : (catalog.inheritedRoles.get(role) ?? [])
    return unite(parents.flatMap(parent => permitted(catalog, table, parent, [...below, role]) ?? []))
  }
  const { columns: names } = permission
  const columns =
    names === '*' ? table.columns : new Map([...table.columns].filter(([, column]) => names.includes(column.name)))
  return Object.freeze({
    table,
    columns,
    computedFields: new Map(
      [...table.computedFields].filter(
        ([name, { result }]) => result.kind === 'rows' || permission.computed_fields?.includes(name),
      ),
    ),
    filter: parseFilter(permission.filter, table, catalog),
    limit: permission.limit ?? null,
    aggregations: permission.allow_aggregations,
    rootFields: allowed(QUERY_FIELDS, permission.query_root_fields),
    subscriptionFields: allowed(SUBSCRIPTION_FIELDS, permission.subscription_root_fields),
  })
}

/** Those of `fields` that a permission lists; all of them when it lists none. */
function allowed(fields: readonly SelectRootField[], listed: readonly string[] | undefined): Set<SelectRootField> {
  return new Set(listed === undefined ? fields : fields.filter(name => listed.includes(name)))
}
