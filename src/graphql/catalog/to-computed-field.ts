import type { MetadataComputedField } from '../../hasura/metadata.ts'
import { argumentsOf, toSlots } from './function-slots.ts'
import type { IntrospectedFunction } from './introspect.ts'
import { explained, isGraphqlName } from './names.ts'
import type { Naming, Stem } from './naming.ts'
import { toType } from './to-type.ts'
import { type ComputedField, describe, type Table, tableKey } from './types.ts'

/** The computed field, or what is wrong with it. */
export function toComputedField(
  naming: Naming,
  stem: Stem,
  table: Table,
  metadata: MetadataComputedField,
  tables: ReadonlyMap<string, Table>,
  functions: readonly IntrospectedFunction[],
): ComputedField | string {
  const { name, definition } = metadata
  if (!isGraphqlName(name)) return 'its name is not a GraphQL name'
  if (table.columns.has(name) || table.relationships.has(name)) return 'a column or relationship has the same name'
  const found = functions.filter(item => tableKey(item) === tableKey(definition.function))
  const [real] = found
  const called = describe(definition.function)
  if (real === undefined) return `function ${called} does not exist`
  if (found.length > 1) return `function ${called} is overloaded, which is not supported`
  if (real.volatile) return `function ${called} is volatile; a computed field must not write`
  const slots = toSlots(naming, real, { row: definition.table_argument ?? 0, session: definition.session_argument })
  if (typeof slots === 'string') return slots
  if (!slots.some(({ filledBy }) => filledBy.kind === 'row')) return `function ${called} has no argument for the row`
  const returns = real.returns && tables.get(tableKey(real.returns))
  const type = toType(real.returnsType)
  if (!returns && (real.returnsSet || real.returns !== null || !isGraphqlName(type.scalar))) {
    return `function ${called} returns neither a scalar nor rows of a tracked table`
  }
  const made: ComputedField = {
    name,
    table: table.name,
    function: Object.freeze({ schema: real.schema, name: real.name }),
    slots,
    arguments: Object.freeze(argumentsOf(slots)),
    argsTypeName: naming.type(
      { text: name, isCustom: false },
      stem.isCustom ? { whole: stem.text } : stem.text,
      'args',
    ),
    result: returns ? { kind: 'rows', table: returns, set: real.returnsSet } : { kind: 'scalar', type },
    description: explained(metadata.comment, real.comment ?? `A computed field, executes function "${real.name}"`),
  }
  return Object.freeze(made)
}
