import type { Column, PgType } from '../catalog/types.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { Value } from './nodes.ts'

/** What a client wants a column to become. Null is a value where the column takes it. */
export function assignedValue(context: PlanContext, input: Input, column: Column, type: PgType = column.type): Value {
  if (column.nullable && context.reader.isNull(input)) return { kind: 'constant', type, value: null }
  return context.reader.value(input, type)
}
