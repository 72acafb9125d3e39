import { arrayOf, INTEGER, TEXT } from '../catalog/scalars.ts'
import type { Column, PgType } from '../catalog/types.ts'
import { invalid, type Path } from '../errors.ts'
import type { UpdateAccess } from '../permissions/write-access.ts'
import { inputMeaning } from '../schema/meaning.ts'
import { assignedValue } from './assignment.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { Change, UpdateOperator } from './write-nodes.ts'

/** The types of right sides that are not the column's own. */
const OPERAND_TYPES: Readonly<Record<UpdateOperator, PgType | null>> = {
  _set: null,
  _inc: null,
  _append: null,
  _prepend: null,
  _delete_key: TEXT,
  _delete_elem: INTEGER,
  _delete_at_path: arrayOf(TEXT),
}

/** What happens to the columns of an update. No changes at all are no mistake: nothing is done then. */
export function planChanges(
  context: PlanContext,
  permission: UpdateAccess,
  operators: ReadonlyMap<string, Input>,
  path: Path,
): Change[] {
  const changes: Change[] = []
  for (const [name, type] of Object.entries(OPERAND_TYPES) as [UpdateOperator, PgType | null][]) {
    const input = operators.get(name)
    if (input === undefined) continue
    for (const { field, input: inner } of context.reader.object(input)) {
      const meaning = inputMeaning(field)
      if (meaning?.kind !== 'column') throw new TypeError(`${field.name} has no meaning in ${name}`)
      const { column } = meaning
      const value = assignedValue(context, inner, column, type ?? column.type)
      changes.push({ column, operator: name, value })
    }
  }
  // A preset column is in no operator: the schema leaves it out.
  for (const preset of permission.presets) changes.push({ ...preset, operator: '_set' })
  const repeated = [...new Set(changes.map(({ column }) => column))].filter(
    column => changes.filter(change => change.column === column).length > 1,
  )
  if (repeated.length > 0) invalid(`Column found in multiple operators: [${repeated.map(quoted).join(', ')}].`, path)
  return changes
}

const quoted = (column: Column): string => `'${column.name}'`
