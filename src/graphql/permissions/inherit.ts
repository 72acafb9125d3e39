import type { Condition } from '../plan/nodes.ts'
import { isTrue } from '../plan/nodes.ts'
import type { TableAccess } from './access.ts'

/**
 * What a role may read that is made of others: every row that one of them may see, and of each row the cells that a role
 * which sees the row may see. The most generous limit counts, and what one may do at all.
 */
export function unite(parents: readonly TableAccess[]): TableAccess | undefined {
  const [first] = parents
  if (first === undefined || parents.length === 1) return first
  return Object.freeze({
    table: first.table,
    columns: uniteCells(
      parents,
      parent => parent.columns,
      cell => ({ nullable: true, visible: cell }),
    ),
    computedFields: uniteCells(
      parents,
      parent => parent.computedFields,
      cell => ({ visible: cell }),
    ),
    filter: anyOf(parents.map(parent => parent.filter)),
    limit: parents.some(parent => parent.limit === null) ? null : Math.max(...parents.map(parent => parent.limit ?? 0)),
    aggregations: parents.some(parent => parent.aggregations),
    rootFields: union(parents.map(parent => parent.rootFields)),
    subscriptionFields: union(parents.map(parent => parent.subscriptionFields)),
  })
}

const union = <T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> => new Set(sets.flatMap(set => [...set]))

function uniteCells<T extends { readonly visible?: Condition }>(
  parents: readonly TableAccess[],
  cellsOf: (parent: TableAccess) => ReadonlyMap<string, T>,
  restrict: (visible: Condition) => Partial<T>,
): ReadonlyMap<string, T> {
  // In the order of the table, whichever parent has the cell.
  const names = new Set(parents.flatMap(parent => [...cellsOf(parent).keys()]))
  return new Map(
    [...names].map(name => {
      const holders = parents.filter(parent => cellsOf(parent).has(name))
      const cell = cellsOf(holders[0] as TableAccess).get(name) as T
      const visibleTo = holders.map(holder => {
        const { visible } = cellsOf(holder).get(name) as T
        return visible === undefined ? holder.filter : { kind: 'and' as const, conditions: [holder.filter, visible] }
      })
      const everywhere = holders.length === parents.length && holders.every(item => !cellsOf(item).get(name)?.visible)
      return [name, everywhere ? cell : Object.freeze({ ...cell, ...restrict(anyOf(visibleTo)) })]
    }),
  )
}

const anyOf = (conditions: readonly Condition[]): Condition =>
  conditions.find(isTrue) ?? { kind: 'or', conditions: [...new Set(conditions)] }
