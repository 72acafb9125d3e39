import type { Table } from '../catalog/types.ts'
import { below, type Path } from '../errors.ts'
import type { DeleteAccess, UpdateAccess } from '../permissions/write-access.ts'
import { outputMeaning } from '../schema/meaning.ts'
import { readArguments } from './arguments.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import { keyCondition } from './key-condition.ts'
import { type Condition, TRUE } from './nodes.ts'
import { planInsert } from './plan-insert.ts'
import { planChanges } from './plan-update.ts'
import { type KnownField, objectTypeOf, planFields, planSelections } from './selections.ts'
import { allOf, planWhere } from './where.ts'
import type { MutationField, MutationOutput, ResponsePart, Update } from './write-nodes.ts'

/** A root field that writes a table. */
export function planMutation(context: PlanContext, known: KnownField): MutationField {
  const { key, field, path } = known
  const { reader, access } = context
  const meaning = outputMeaning(field)
  if (!('table' in meaning)) throw new TypeError(`${field.name} has no meaning in a mutation`)
  const { kind, table } = meaning
  const args = readArguments(reader, field, known.node, path)
  const at = below(path, 'args')
  const argument = (name: string): Input => args.get(name) as Input
  const may = <A>(permission: A | null | undefined): A => {
    // The schema has no such field for a role that may not do it.
    if (!permission) throw new TypeError(`${field.name} is not permitted`)
    return permission
  }
  const write = access.write(table)
  switch (kind) {
    case 'insert': {
      const insert = planInsert(context, may(write), reader.list(argument('objects')), args.get('on_conflict'))
      return { kind: 'insert', key, path: below(at, 'objects'), insert, output: planResponse(context, known) }
    }
    case 'insert_one': {
      const insert = planInsert(context, may(write), [argument('object')], args.get('on_conflict'))
      return { kind: 'insert', key, path: below(at, 'object'), insert, output: planRow(context, known) }
    }
    case 'update': {
      const update = planUpdate(context, table, may(write?.update), args, planWhere(context, argument('where')), at)
      return { kind: 'update', key, updates: [update], many: false, output: planResponse(context, known) }
    }
    case 'update_by_pk': {
      const columns = new Map(reader.object(argument('pk_columns')).map(entry => [entry.name, entry.input]))
      const where = keyCondition(context, table, columns)
      const update = planUpdate(context, table, may(write?.update), args, where, at)
      return { kind: 'update', key, updates: [update], many: false, output: planRow(context, known) }
    }
    case 'update_many': {
      const updates = reader.list(argument('updates')).map(item => {
        const parts = new Map(reader.object(item).map(entry => [entry.name, entry.input]))
        const where = planWhere(context, parts.get('where') as Input)
        return planUpdate(context, table, may(write?.update), parts, where, item.path)
      })
      return { kind: 'update', key, updates, many: true, output: planResponse(context, known) }
    }
    case 'delete':
      return planDelete(may(write?.delete), planWhere(context, argument('where')), planResponse(context, known))
    case 'delete_by_pk':
      return planDelete(may(write?.delete), keyCondition(context, table, args), planRow(context, known))
    default:
      throw new TypeError(`${field.name} has no meaning in a mutation`)
  }

  function planDelete(permission: DeleteAccess, where: Condition, output: MutationOutput): MutationField {
    return { kind: 'delete', key, table: table.name, where: allOf([permission.filter, where]), output }
  }
}

function planUpdate(
  context: PlanContext,
  table: Table,
  permission: UpdateAccess,
  operators: ReadonlyMap<string, Input>,
  where: Condition,
  path: Path,
): Update {
  return {
    table: table.name,
    changes: planChanges(context, permission, operators, path),
    where: allOf([permission.filter, where]),
    check: permission.check ?? TRUE,
  }
}

function planRow(context: PlanContext, { selectionSets, field, path }: KnownField): MutationOutput {
  return { kind: 'row', selections: planSelections(context, selectionSets, objectTypeOf(field), path, 2) }
}

/** `{ affected_rows returning { … } }` */
function planResponse(context: PlanContext, { selectionSets, field, path }: KnownField): MutationOutput {
  const at = below(path, 'selectionSet')
  const parts = planFields(context, selectionSets, objectTypeOf(field), at, 2, (part): ResponsePart => {
    const { key } = part
    readArguments(context.reader, part.field, part.node, part.path)
    if (outputMeaning(part.field).kind === 'affected_rows') return { kind: 'affected_rows', key }
    const selections = planSelections(context, part.selectionSets, objectTypeOf(part.field), part.path, 3)
    return { kind: 'returning', key, selections }
  })
  return { kind: 'response', parts }
}
