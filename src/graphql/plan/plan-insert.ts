import { type Table, tableKey } from '../catalog/types.ts'
import { invalid } from '../errors.ts'
import type { TableWriteAccess } from '../permissions/write-access.ts'
import { columnMeant, constraintMeant, inputMeaning } from '../schema/meaning.ts'
import { assignedValue } from './assignment.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import { TRUE } from './nodes.ts'
import { allOf, planWhere } from './where.ts'
import type { Assignment, Insert, InsertRow, NestedInsert, OnConflict } from './write-nodes.ts'

/** Rows to insert, with the rows of other tables in them. */
export function planInsert(
  context: PlanContext,
  write: TableWriteAccess,
  objects: readonly Input[],
  onConflict: Input | undefined,
): Insert {
  const { table, insert } = write
  if (insert === null) throw new TypeError(`inserting into ${table.name.name} is not permitted`)
  const rows = objects.map(object => planInsertRow(context, object))
  return {
    table: table.name,
    anyColumn: [...table.columns.values()][0] ?? null,
    rows,
    presets: insert.presets,
    onConflict: onConflict === undefined ? null : planOnConflict(context, write, onConflict),
    check: insert.check,
    updateCheck: write.update?.check ?? null,
  }
}

function planInsertRow(context: PlanContext, object: Input): InsertRow {
  const columns: Assignment[] = []
  const before: Sibling[] = []
  const after: Sibling[] = []
  for (const { name, field, input } of context.reader.object(object)) {
    const meaning = inputMeaning(field)
    if (meaning?.kind === 'column') {
      columns.push({ column: meaning.column, value: assignedValue(context, input, meaning.column) })
      continue
    }
    if (meaning?.kind !== 'relationship') throw new TypeError(`${name} has no meaning in an insert`)
    // As in Hasura, null and an empty list say that there is nothing to insert.
    if (context.reader.isNull(input)) continue
    const { relationship } = meaning
    const parts = new Map(context.reader.object(input).map(part => [part.name, part.input]))
    const data = parts.get('data') as Input
    const isObject = relationship.kind === 'object'
    const objects = isObject ? [data] : context.reader.list(data)
    if (objects.length === 0) continue
    const write = context.access.write(relationship.remote) as TableWriteAccess
    const conflict = parts.get('on_conflict')
    const nested: NestedInsert = {
      relationship: relationship.name,
      join: relationship.columns,
      insert: planInsert(
        context,
        write,
        objects,
        conflict === undefined || context.reader.isNull(conflict) ? undefined : conflict,
      ),
    }
    const siblings = isObject && relationship.insertOrder === 'before_parent' ? before : after
    siblings.push({ table: relationship.remote, nested })
  }
  return { columns, before: inOrder(before), after: inOrder(after) }
}

interface Sibling {
  readonly table: Table
  readonly nested: NestedInsert
}

/** As they are written, but rows that others refer to come first. */
function inOrder(siblings: readonly Sibling[]): NestedInsert[] {
  const left = [...siblings]
  const ordered: NestedInsert[] = []
  while (left.length > 0) {
    const free = left.findIndex(({ table }) => !left.some(other => other.table !== table && refers(table, other.table)))
    ordered.push(...left.splice(Math.max(free, 0), 1).map(({ nested }) => nested))
  }
  return ordered
}

const refers = (from: Table, to: Table): boolean => from.refersTo.has(tableKey(to.name))

function planOnConflict(context: PlanContext, { update }: TableWriteAccess, input: Input): OnConflict {
  const { reader } = context
  const parts = new Map(reader.object(input).map(part => [part.name, part.input]))
  const columnsInput = parts.get('update_columns')
  const columns = (columnsInput === undefined ? [] : reader.list(columnsInput)).map(item => {
    // The placeholder that stands for no columns at all.
    return columnMeant(reader.enum(item)) ?? invalid('erroneous column name', input.path)
  })
  const where = parts.get('where')
  return {
    constraint: constraintMeant(reader.enum(parts.get('constraint') as Input)).name,
    columns: [...new Set(columns)],
    presets: update?.presets ?? [],
    where: allOf([
      update?.filter ?? TRUE,
      ...(where === undefined || reader.isNull(where) ? [] : [planWhere(context, where)]),
    ]),
  }
}
