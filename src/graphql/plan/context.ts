import type { FragmentDefinitionNode, GraphQLSchema } from 'graphql'
import { invalid, type Path } from '../errors.ts'
import type { Access } from '../permissions/access.ts'
import type { InputReader } from './input.ts'

export interface PlanLimits {
  /** Deepest nesting of selections. */
  readonly maxDepth: number
  /** Most fields of all selections together, after fragments are spread. */
  readonly maxFields: number
  /** Most rows of one list, whatever the request asks for. @default no limit */
  readonly maxRows?: number | null
  /** Whether the schema may be asked for. @default true */
  readonly introspection?: boolean
}

/** What every planning function needs. Lives as long as one planning. */
export interface PlanContext {
  readonly schema: GraphQLSchema
  readonly access: Access
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly reader: InputReader
  readonly limits: PlanLimits
  /** Fields planned so far. */
  fieldCount: number
  /** Relationships that lead to the filter which is planned now. */
  filterDepth: number
  /** What introspection costs so far, in fields that are answered. */
  introspectionCost: number
}

export function countFields(context: PlanContext, more: number, depth: number, path: Path): void {
  const { maxDepth, maxFields } = context.limits
  if (depth > maxDepth) invalid(`the query is nested more than ${maxDepth} levels deep, which is the limit`, path)
  context.fieldCount += more
  if (context.fieldCount > maxFields) invalid(`the query has more than ${maxFields} fields, which is the limit`, path)
}

/** Plans a filter on another table: every one makes Postgres' planning harder, so there is a limit to how deep they go. */
export function planInside<T>(context: PlanContext, path: Path, plan: () => T): T {
  context.filterDepth++
  countFields(context, 0, context.filterDepth, path)
  const planned = plan()
  context.filterDepth--
  return planned
}
