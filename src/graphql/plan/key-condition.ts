import type { Table } from '../catalog/types.ts'
import { EQUALS } from '../operators.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { Condition } from './nodes.ts'
import { allOf } from './where.ts'

/** The row whose primary key the inputs name, by GraphQL name of the column. */
export function keyCondition(context: PlanContext, table: Table, inputs: ReadonlyMap<string, Input>): Condition {
  return allOf(
    (table.primaryKey ?? []).map(key => {
      // As the role sees it: an inherited role does not see the key of every row it sees.
      const column = context.access.table(table)?.columns.get(key.field) ?? key
      const value = context.reader.value(inputs.get(column.field) as Input, column.type)
      return { kind: 'compare', left: { kind: 'column', column }, operator: EQUALS, value }
    }),
  )
}
