import type { ComputedField, FunctionSlot, PgType, Table, TableName } from '../catalog/types.ts'
import { below, GraphqlError, type Path } from '../errors.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { ComputedValue, FunctionCall, FunctionCallArgument } from './nodes.ts'

/** What a function is called with: the client's `args`, the session, and the row of a computed field. */
export function planArguments(
  context: PlanContext,
  slots: readonly FunctionSlot[],
  args: Input | undefined,
  row: TableName | null,
  path: Path,
): FunctionCallArgument[] {
  const { reader } = context
  const at = below(path, 'args', 'args')
  const given = new Map(args === undefined ? [] : reader.object(args).map(entry => [entry.name, entry.input]))
  const values: FunctionCallArgument[] = []
  // Postgres takes names only after the last argument that is passed by position.
  let byName = slots.every(({ sqlName }) => sqlName !== null)
  for (const { sqlName, filledBy } of slots) {
    const value = fill(filledBy)
    if (value === undefined) {
      byName = true
      continue
    }
    if (byName && sqlName === null) {
      throw new GraphqlError('not-supported', 'Only last set of positional arguments can be omitted', at)
    }
    values.push({ name: byName ? sqlName : null, value })
  }
  return values

  function fill(filledBy: FunctionSlot['filledBy']): FunctionCallArgument['value'] | undefined {
    switch (filledBy.kind) {
      case 'row':
        if (row === null) throw new TypeError('a tracked function has no row')
        return { kind: 'row', table: row }
      case 'session':
        return { kind: 'session_json', type: filledBy.type }
      case 'argument': {
        const { name, type, optional } = filledBy.argument
        const input = given.get(name)
        if (input !== undefined) {
          return reader.isNull(input) ? { kind: 'constant', type, value: null } : reader.value(input, type)
        }
        if (optional) return undefined
        throw new GraphqlError('not-supported', 'Non default arguments cannot be omitted', at)
      }
      default:
        return filledBy satisfies never
    }
  }
}

export function planComputedCall(
  context: PlanContext,
  field: ComputedField,
  args: Input | undefined,
  path: Path,
): FunctionCall {
  return { function: field.function, arguments: planArguments(context, field.slots, args, field.table, path) }
}

/** The call of a field that clients give no arguments, as in filters and orders. */
export function callOf(field: ComputedField): FunctionCall {
  const values = field.slots.map(({ sqlName, filledBy }): FunctionCallArgument => {
    if (filledBy.kind === 'argument') throw new TypeError(`${field.name} takes arguments`)
    return { name: sqlName, value: filledBy.kind === 'row' ? { kind: 'row', table: field.table } : sessionOf(filledBy) }
  })
  const named = values.every(({ name }) => name !== null)
  return { function: field.function, arguments: named ? values : values.map(item => ({ ...item, name: null })) }
}

const sessionOf = ({ type }: { type: PgType }) => ({ kind: 'session_json', type }) as const

export function computedValue(field: ComputedField, call: FunctionCall): ComputedValue {
  if (field.result.kind !== 'scalar') throw new TypeError(`${field.name} is not a scalar`)
  return { kind: 'computed', call, type: field.result.type, visible: field.visible }
}

/** The table whose rows a field returns. */
export function rowsOf(field: ComputedField): Table {
  if (field.result.kind !== 'rows') throw new TypeError(`${field.name} returns no rows`)
  return field.result.table
}
