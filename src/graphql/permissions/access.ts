import type { Naming } from '../catalog/naming.ts'
import type { Catalog, Column, ComputedField, SelectRootField, Table, TableFunction } from '../catalog/types.ts'
import type { HiddenFields } from '../experimental-features.ts'
import type { Condition } from '../plan/nodes.ts'
import { TRUE } from '../plan/nodes.ts'
import { parseFilter } from './filter.ts'
import { unite } from './inherit.ts'
import { type TableWriteAccess, writeAccess } from './write-access.ts'

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

/** What one role may read and write: the schema is made of this and nothing else. */
export interface Access {
  readonly role: string
  readonly naming: Naming
  readonly hidden: HiddenFields
  readonly tables: readonly TableAccess[]
  readonly functions: readonly TableFunction[]
  /** Functions that are called as mutations. */
  readonly mutations: readonly TableFunction[]
  /** Tables of which the role may write anything. */
  readonly writes: readonly TableWriteAccess[]
  /** Undefined when the role may see nothing of it. */
  table(table: Table): TableAccess | undefined
  /** Undefined when the role may write nothing of it. */
  write(table: Table): TableWriteAccess | undefined
}

export interface AccessOptions {
  /** Whether a role that may select from a function's table may call the function without more. @default true */
  readonly inferFunctionPermissions?: boolean | undefined
  /** Whether permissions that are for backends only count too. @default false */
  readonly backendOnly?: boolean | undefined
  /** What no role has. */
  readonly hidden?: HiddenFields
}

export const ADMIN_ROLE = 'admin'

const QUERY_FIELDS: readonly SelectRootField[] = ['select', 'select_by_pk', 'select_aggregate']
const SUBSCRIPTION_FIELDS: readonly SelectRootField[] = [...QUERY_FIELDS, 'select_stream']

export function accessOf(catalog: Catalog, role: string, options: AccessOptions): Access {
  const isAdmin = role === ADMIN_ROLE
  const byTable = new Map<Table, TableAccess>()
  const writes = new Map<Table, TableWriteAccess>()
  for (const table of catalog.tables.values()) {
    const access = isAdmin ? everything(table) : permitted(catalog, table, role, [])
    if (access !== undefined) byTable.set(table, access)
    const write = writeAccess(catalog, table, role, options.backendOnly ?? false)
    if (write !== undefined) writes.set(table, write)
  }
  const readable = catalog.functions.filter(item => byTable.has(item.returns))
  // Reading rights are enough for a function that only reads; one that may write has to be granted.
  const roles = withParents(catalog, role)
  const isGranted = (item: TableFunction): boolean => roles.some(name => item.roles?.has(name))
  const mayAsk = (item: TableFunction): boolean => (options.inferFunctionPermissions ?? true) || isGranted(item)
  return Object.freeze({
    role,
    naming: catalog.naming,
    hidden: options.hidden ?? {},
    tables: Object.freeze([...byTable.values()]),
    functions: readable.filter(item => item.exposedAs === 'query' && (isAdmin || mayAsk(item))),
    mutations: readable.filter(item => item.exposedAs === 'mutation' && (isAdmin || isGranted(item))),
    writes: Object.freeze([...writes.values()]),
    table: (table: Table) => byTable.get(table),
    write: (table: Table) => writes.get(table),
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
  const columns = columnsOf(table, permission.columns)
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

/** The columns a permission names, by GraphQL name. */
export const columnsOf = (table: Table, names: '*' | readonly string[]): ReadonlyMap<string, Column> =>
  names === '*' ? table.columns : new Map([...table.columns].filter(([, column]) => names.includes(column.name)))
/** Those of `fields` that a permission lists; all of them when it lists none. */
function allowed(fields: readonly SelectRootField[], listed: readonly string[] | undefined): Set<SelectRootField> {
  return new Set(listed === undefined ? fields : fields.filter(name => listed.includes(name)))
}
