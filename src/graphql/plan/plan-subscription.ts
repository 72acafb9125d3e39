import { INTEGER } from '../catalog/scalars.ts'
import { below, invalid, type Path } from '../errors.ts'
import type { TableAccess } from '../permissions/access.ts'
import { inputMeaning, orderMeant, outputMeaning } from '../schema/meaning.ts'
import { readArguments } from './arguments.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { RootField, StreamField } from './nodes.ts'
import type { Operation } from './operation.ts'
import { checkOperationDirectives, type PlanInput, planContext, planRootField } from './plan-operation.ts'
import { type Placed, planRootFields } from './root-fields.ts'
import { planRows } from './rows.ts'
import { type KnownField, knownField, objectTypeOf, planSelections } from './selections.ts'

export type SubscriptionField = RootField | StreamField

// Hasura's own tests put it on subscriptions to ask for several root fields; it is not in the schema.
const SEVERAL_FIELDS = '_multiple_top_level_fields'

/** A subscription as root fields: one, or several under the directive above. Throws GraphqlError as Hasura would answer. */
export function planSubscription(input: PlanInput): Placed<SubscriptionField>[] {
  const { schema, operation } = input
  const type = schema.getSubscriptionType()
  if (type === undefined || type === null) return invalid('no subscriptions exist')
  const directives = operation.node.directives ?? []
  const known = directives.filter(({ name }) => name.value !== SEVERAL_FIELDS)
  checkOperationDirectives(schema, withDirectives(operation, known), 'subscription')

  const context = planContext(input)
  const collected = planRootFields(
    context,
    [operation.node.selectionSet],
    type,
    below(null, 'selectionSet'),
    (field, inside) => () => {
      const rootField = knownField(field, inside)
      return outputMeaning(rootField.field).kind === 'select_stream'
        ? planStream(context, rootField)
        : planRootField(context, rootField)
    },
  )
  // That there are too many is said before what is wrong with one of them.
  if (collected.length !== 1 && known.length === directives.length) {
    return invalid('subscriptions must select one top level field')
  }
  const fields = collected.map(({ namespace, field }): Placed<SubscriptionField> => {
    return { namespace, field: typeof field === 'function' ? field() : field }
  })
  if (fields.length > 1 && fields.some(({ field }) => field.kind === 'stream')) {
    return invalid('a streaming subscription must select one top level field')
  }
  return fields
}

const withDirectives = (operation: Operation, directives: Operation['node']['directives']): Operation => ({
  ...operation,
  node: { ...operation.node, directives: directives ?? [] },
})

function planStream(context: PlanContext, { key, field, node, path, selectionSets }: KnownField): StreamField {
  const meaning = outputMeaning(field)
  if (meaning.kind !== 'select_stream') throw new TypeError(`${field.name} is not a stream`)
  const args = readArguments(context.reader, field, node, path)
  const table = context.access.table(meaning.table) as TableAccess
  const where = args.get('where')
  const from = { kind: 'table', table: meaning.table.name } as const
  const rows = planRows(
    context,
    from,
    table,
    [],
    new Map(where === undefined ? [] : [['where', where]]),
    below(path, 'args'),
  )
  return {
    kind: 'stream',
    key,
    rows,
    selections: planSelections(context, selectionSets, objectTypeOf(field), path, 2),
    ...planCursor(context, args.get('cursor') as Input, below(path, 'args', 'cursor')),
    batchSize: context.reader.value(args.get('batch_size') as Input, INTEGER, 'count'),
  }
}

const NO_COLUMN = 'one streaming column field is expected'
const SEVERAL_COLUMNS = 'multiple column cursors are not supported yet'

function planCursor(
  { reader }: PlanContext,
  input: Input,
  path: Path,
): Pick<StreamField, 'column' | 'direction' | 'cursor'> {
  const cursors = reader.list(input)
  const [only] = cursors
  if (only === undefined || reader.isNull(only)) return invalid(NO_COLUMN, path)
  if (cursors.length > 1) return invalid(SEVERAL_COLUMNS, path)
  const parts = new Map(reader.object(only).map(part => [part.name, part.input]))
  const initial = parts.get('initial_value') as Input
  if (reader.isNull(initial)) {
    return invalid(`unexpected null value for type '${String(initial.type).replace(/!$/, '')}'`, initial.path)
  }
  const columns = reader.object(initial)
  const [entry] = columns
  if (entry === undefined) return invalid(NO_COLUMN, initial.path)
  if (columns.length > 1) return invalid(SEVERAL_COLUMNS, initial.path)
  const meaning = inputMeaning(entry.field)
  if (meaning?.kind !== 'column') throw new TypeError(`${entry.name} is not a column`)
  const ordering = parts.get('ordering')
  return {
    column: meaning.column,
    direction: ordering === undefined || reader.isNull(ordering) ? 'ASC' : orderMeant(reader.enum(ordering)).direction,
    cursor: reader.value(entry.input, meaning.column.type),
  }
}
