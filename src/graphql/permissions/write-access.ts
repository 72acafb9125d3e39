import { isDeepStrictEqual } from 'node:util'
import { ObservabilityError } from '../../errors.ts'
import type { MetadataUpdatePermission } from '../../hasura/metadata.ts'
import { type Catalog, type Column, columnNamed, type Table } from '../catalog/types.ts'
import { type Condition, TRUE, type Value } from '../plan/nodes.ts'
import { ADMIN_ROLE, columnsOf } from './access.ts'
import { parseCheck, parseFilter, parseValue } from './filter.ts'

/** A column and what is written into it. */
export interface ColumnValue {
  readonly column: Column
  readonly value: Value
}

export interface InsertAccess {
  /** Those a client may give, by GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
  /** Those that get a value whatever the client says. */
  readonly presets: readonly ColumnValue[]
  /** Has to hold for every row that was inserted. */
  readonly check: Condition
}

export interface UpdateAccess {
  readonly columns: ReadonlyMap<string, Column>
  readonly presets: readonly ColumnValue[]
  /** Holds for every row the role may change. */
  readonly filter: Condition
  /** Has to hold for every row after the change; null: nothing has to. */
  readonly check: Condition | null
}

export interface DeleteAccess {
  readonly filter: Condition
}

/** What one role may write of one table. */
export interface TableWriteAccess {
  readonly table: Table
  readonly insert: InsertAccess | null
  readonly update: UpdateAccess | null
  readonly delete: DeleteAccess | null
}

/** Undefined when the role may write nothing of it. */
export function writeAccess(
  catalog: Catalog,
  table: Table,
  role: string,
  backendOnly: boolean,
): TableWriteAccess | undefined {
  const access = role === ADMIN_ROLE ? everything(table) : permitted(catalog, table, role, backendOnly)
  const write: TableWriteAccess = Object.freeze({
    table,
    insert: table.can.insert ? access.insert : null,
    update: table.can.update ? access.update : null,
    delete: table.can.delete ? access.delete : null,
  })
  return write.insert === null && write.update === null && write.delete === null ? undefined : write
}

type Writes = Omit<TableWriteAccess, 'table'>

function everything(table: Table): Writes {
  const columns = writable(table.columns)
  return {
    insert: { columns, presets: [], check: TRUE },
    update: { columns, presets: [], filter: TRUE, check: null },
    delete: { filter: TRUE },
  }
}

function permitted(catalog: Catalog, table: Table, role: string, backendOnly: boolean): Writes {
  const isVisible = (permission: { backend_only: boolean } | undefined): boolean =>
    permission !== undefined && (backendOnly || !permission.backend_only)
  const insert = ownOrInherited(catalog, table.insertPermissions, role, [])
  const update = ownOrInherited(catalog, table.updatePermissions, role, [])
  const remove = ownOrInherited(catalog, table.deletePermissions, role, [])
  return {
    insert:
      insert === undefined || !isVisible(insert)
        ? null
        : { ...columnsAndPresets(table, role, insert), check: parseCheck(insert.check, table, catalog) },
    update:
      update === undefined || !isVisible(update)
        ? null
        : {
            ...columnsAndPresets(table, role, update),
            filter: parseFilter(update.filter, table, catalog),
            check: update.check === null ? null : parseCheck(update.check, table, catalog),
          },
    delete: remove === undefined || !isVisible(remove) ? null : { filter: parseFilter(remove.filter, table, catalog) },
  }
}

/**
 * A role's own permission comes before what it inherits, and parents that disagree hand nothing on: unlike rights to read,
 * those to write cannot be added up. `below` are the roles that ask.
 */
function ownOrInherited<P extends object>(
  catalog: Catalog,
  permissions: ReadonlyMap<string, P>,
  role: string,
  below: readonly string[],
): P | undefined {
  const own = permissions.get(role)
  if (own !== undefined || below.includes(role)) return own
  const parents = catalog.inheritedRoles.get(role) ?? []
  const found = parents.flatMap(parent => ownOrInherited(catalog, permissions, parent, [...below, role]) ?? [])
  const [first, ...others] = found
  return others.every(other => isDeepStrictEqual(comparable(other), comparable(first))) ? first : undefined
}

/** Lists of columns say the same in any order. */
const comparable = (permission: object | undefined): object | undefined =>
  permission !== undefined && 'columns' in permission && Array.isArray(permission.columns)
    ? { ...permission, columns: permission.columns.toSorted() }
    : permission

function columnsAndPresets(
  table: Table,
  role: string,
  { columns: names, set }: Pick<MetadataUpdatePermission, 'columns' | 'set'>,
): Pick<InsertAccess, 'columns' | 'presets'> {
  const presets = Object.entries(set).map(([name, json]): ColumnValue => {
    const at = `the preset ${name} of role ${role} on ${table.name.schema}.${table.name.name}`
    const column = columnNamed(table, name)
    if (column === undefined) throw new ObservabilityError('METADATA_INVALID', `${at}: there is no such column`)
    return { column, value: parseValue(json, column.type, at) }
  })
  const isPreset = (column: Column): boolean => presets.some(preset => preset.column === column)
  const columns = [...writable(columnsOf(table, names))].filter(([, column]) => !isPreset(column))
  return { columns: new Map(columns), presets }
}

const writable = (columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Column> =>
  new Map([...columns].filter(([, column]) => column.writable))
