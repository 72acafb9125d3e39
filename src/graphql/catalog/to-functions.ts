import type { MetadataSource } from '../../hasura/metadata.ts'
import { argumentsOf, toSlots } from './function-slots.ts'
import type { Introspection } from './introspect.ts'
import { functionNames } from './names.ts'
import type { Naming } from './naming.ts'
import { describe, type Table, type TableFunction, tableKey } from './types.ts'
import type { UniqueNames } from './unique-names.ts'

/** The functions that return rows of tracked tables. */
export function toFunctions(
  naming: Naming,
  source: MetadataSource,
  introspection: Introspection,
  tables: ReadonlyMap<string, Table>,
  unique: UniqueNames,
  inconsistencies: string[],
): TableFunction[] {
  const functions: TableFunction[] = []
  for (const metadata of source.functions) {
    const name = metadata.function
    const found = introspection.functions.filter(item => tableKey(item) === tableKey(name))
    const [real] = found
    const returns = real?.returns && tables.get(tableKey(real.returns))
    if (real === undefined) inconsistencies.push(`function ${describe(name)} does not exist`)
    else if (found.length > 1) inconsistencies.push(`function ${describe(name)} is overloaded, which is not supported`)
    else if (metadata.configuration?.exposed_as === 'mutation' && !real.volatile) {
      inconsistencies.push(`function ${describe(name)} is exposed as a mutation but is not VOLATILE`)
    } else if (!returns) inconsistencies.push(`function ${describe(name)} does not return rows of a tracked table`)
    else {
      const slots = toSlots(naming, real, { session: metadata.configuration?.session_argument })
      const names = functionNames(naming, metadata)
      const mistake = typeof slots === 'string' ? slots : unique.claim(Object.values(names))
      if (typeof slots === 'string' || mistake !== null) {
        inconsistencies.push(`function ${describe(name)}: ${mistake}`)
        continue
      }
      functions.push(
        Object.freeze({
          name: Object.freeze({ schema: real.schema, name: real.name }),
          ...names,
          returns,
          returnsSet: real.returnsSet,
          // A volatile function may write; Hasura shows it among the queries only when the metadata says so.
          exposedAs: metadata.configuration?.exposed_as ?? (real.volatile ? 'mutation' : 'query'),
          slots,
          arguments: Object.freeze(argumentsOf(slots)),
          roles: metadata.permissions === undefined ? null : new Set(metadata.permissions.map(item => item.role)),
          description: metadata.comment ?? real.comment,
        }),
      )
    }
  }
  return functions
}
