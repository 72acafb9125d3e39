import { type GraphQLField, GraphQLObjectType, getNamedType, type SelectionSetNode } from 'graphql'
import type { ComputedField, Relationship } from '../catalog/types.ts'
import { below, invalid, type Path } from '../errors.ts'
import type { TableAccess } from '../permissions/access.ts'
import { outputMeaning } from '../schema/meaning.ts'
import { planAggregate } from './aggregates.ts'
import { readArguments } from './arguments.ts'
import { computedValue, planComputedCall } from './call.ts'
import { type CollectedField, collectFields } from './collect-fields.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import { parseJsonPath } from './json-path.ts'
import type { Rows, Selection } from './nodes.ts'
import { planRows } from './rows.ts'

export type Field = GraphQLField<unknown, unknown>

/** A selection with what the schema says about it. */
export interface KnownField extends CollectedField {
  readonly field: Field
}

export interface TypeName {
  readonly kind: 'typename'
  readonly key: string
  readonly name: string
}

/** The fields selected on a type: `__typename` is answered here, everything else by `plan`. */
export function planFields<T>(
  context: PlanContext,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  path: Path,
  depth: number,
  plan: (field: KnownField) => T,
): (T | TypeName)[] {
  return collectFields(context, sets, type, path, depth).map(collected => {
    if (collected.name === '__typename') return { kind: 'typename', key: collected.key, name: type.name }
    return plan(knownField(collected, type))
  })
}

/** The field of the schema that a selection means. */
export function knownField(collected: CollectedField, type: GraphQLObjectType): KnownField {
  const fields = type.getFields()
  const { name, path } = collected
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined) return invalid(`field '${name}' not found in type: '${type.name}'`, path)
  const isObject = getNamedType(field.type) instanceof GraphQLObjectType
  if (isObject && collected.selectionSets.length === 0) {
    return invalid(`missing selection set for '${getNamedType(field.type).name}'`, path)
  }
  if (!isObject && collected.selectionSets.length > 0) {
    return invalid('unexpected subselection set for non-object field', path)
  }
  return { ...collected, field }
}

export const objectTypeOf = (field: Field): GraphQLObjectType => getNamedType(field.type) as GraphQLObjectType

/** The JSON object of a row. */
export function planSelections(
  context: PlanContext,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  path: Path,
  depth: number,
): Selection[] {
  return planFields(context, sets, type, below(path, 'selectionSet'), depth, (known): Selection => {
    const { key, field } = known
    const meaning = outputMeaning(field)
    const args = readArguments(context.reader, field, known.node, known.path)
    switch (meaning.kind) {
      case 'column': {
        return { kind: 'column', key, column: meaning.column, jsonPath: planJsonPath(context, args) }
      }
      case 'computed':
        return planComputed(context, known, meaning.field, args, depth)
      case 'relationship': {
        const { relationship } = meaning
        const rows = planRelated(context, relationship, args, known.path)
        const selections = planSelections(context, known.selectionSets, objectTypeOf(field), known.path, depth + 1)
        return { kind: relationship.kind === 'object' ? 'one' : 'many', key, rows, selections }
      }
      case 'relationship_aggregate': {
        const rows = planRelated(context, meaning.relationship, args, known.path)
        return { kind: 'aggregate', key, rows, parts: planAggregate(context, known, depth + 1) }
      }
      default:
        throw new TypeError(`${field.name} has no meaning in a row`)
    }
  })
}

function planJsonPath(context: PlanContext, args: ReadonlyMap<string, Input>): readonly string[] | null {
  const path = args.get('path')
  return path === undefined ? null : parseJsonPath(context.reader.text(path), path.path)
}

function planComputed(
  context: PlanContext,
  known: KnownField,
  field: ComputedField,
  args: ReadonlyMap<string, Input>,
  depth: number,
): Selection {
  const { key, path } = known
  const call = planComputedCall(context, field, args.get('args'), path)
  const { result } = field
  if (result.kind === 'scalar') {
    return { kind: 'computed', key, value: computedValue(field, call), jsonPath: planJsonPath(context, args) }
  }
  const table = context.access.table(result.table) as TableAccess
  const rows = planRows(context, { kind: 'function', ...call }, table, [], args, below(path, 'args'))
  const selections = planSelections(context, known.selectionSets, objectTypeOf(known.field), path, depth + 1)
  return { kind: result.set ? 'many' : 'one', key, rows, selections }
}

function planRelated(
  context: PlanContext,
  relationship: Relationship,
  args: ReadonlyMap<string, Input>,
  path: Path,
): Rows {
  const table = context.access.table(relationship.remote) as TableAccess
  const from = { kind: 'table', table: relationship.remote.name } as const
  return planRows(context, from, table, relationship.columns, args, below(path, 'args'))
}
