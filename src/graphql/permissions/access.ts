import type { Catalog, Column, SelectRootField, Table, TableFunction } from '../catalog/types.ts'
import type { Condition } from '../plan/nodes.ts'
import { TRUE } from '../plan/nodes.ts'
import { parseFilter } from './filter.ts'

/** What one role may read of one table. */
export interface TableAccess {
  readonly table: Table
  /** By GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
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
    const access = role === ADMIN_ROLE ? everything(table) : permitted(catalog, table, role)
    if (access !== undefined) byTable.set(table, access)
  }
  return Object.freeze({
    role,
    tables: Object.freeze([...byTable.values()]),
    functions: catalog.functions.filter(
      item =>
        byTable.has(item.returns) &&
        (role === ADMIN_ROLE ||
          (item.roles === null ? (options.inferFunctionPermissions ?? true) : item.roles.has(role))),
    ),
    table: (table: Table) => byTable.get(table),
  })
}

function everything(table: Table): TableAccess {
  return Object.freeze({
    table,
    columns: table.columns,
    filter: TRUE,
    limit: null,
    aggregations: true,
    rootFields: new Set(QUERY_FIELDS),
    subscriptionFields: new Set(SUBSCRIPTION_FIELDS),
  })
}

function permitted(catalog: Catalog, table: Table, role: string): TableAccess | undefined {
  const permission = table.selectPermissions.get(role)
  if (permission === undefined) return undefined
  const { columns: names } = permission
  const columns =
    names === '*' ? table.columns : new Map([...table.columns].filter(([, column]) => names.includes(column.name)))
  return Object.freeze({
    table,
    columns,
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
