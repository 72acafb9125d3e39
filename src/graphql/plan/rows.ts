import { BIGINT } from '../catalog/scalars.ts'
import type { Column, ColumnPair } from '../catalog/types.ts'
import { invalid, type Path } from '../errors.ts'
import type { TableAccess } from '../permissions/access.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { OrderItem, RowSource, Rows } from './nodes.ts'
import { planColumns, planOrderBy } from './order-by.ts'
import { allOf, planWhere } from './where.ts'

/** The rows that `where, order_by, limit, offset, distinct_on` and the role's permission choose. */
export function planRows(
  context: PlanContext,
  from: RowSource,
  table: TableAccess,
  join: readonly ColumnPair[],
  args: ReadonlyMap<string, Input>,
  path: Path,
): Rows {
  const where = args.get('where')
  const distinctOn = args.get('distinct_on')
  const orderBy = args.get('order_by')
  const limit = args.get('limit')
  const offset = args.get('offset')
  const rows: Rows = {
    from,
    join,
    where: allOf([table.filter, ...(where === undefined ? [] : [planWhere(context, where)])]),
    distinctOn: distinctOn === undefined ? [] : planColumns(context, distinctOn),
    orderBy: orderBy === undefined ? [] : planOrderBy(context, orderBy),
    limit: limit === undefined ? null : context.reader.count(limit),
    offset: offset === undefined ? null : context.reader.value(offset, BIGINT, 'offset'),
    roleLimit: smaller(table.limit, context.limits.maxRows ?? null),
  }
  checkDistinct(rows.distinctOn, rows.orderBy, path)
  return rows
}

const smaller = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

function checkDistinct(distinctOn: readonly Column[], orderBy: readonly OrderItem[], path: Path): void {
  if (orderBy.length === 0) return
  const initial = orderBy.slice(0, new Set(distinctOn).size)
  const fits = distinctOn.every(column => initial.some(({ by }) => by.kind === 'column' && by.column === column))
  if (!fits) invalid('"distinct_on" columns must match initial "order_by" columns', path)
}
