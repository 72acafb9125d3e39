import type { IntrospectedFunction } from './introspect.ts'
import { isGraphqlName } from './names.ts'
import type { Naming } from './naming.ts'
import { toType } from './to-type.ts'
import type { FunctionArgument, FunctionSlot } from './types.ts'

/** Which arguments clients do not give, by name or by position. */
export interface FilledArguments {
  session?: string | undefined
  row?: string | number | undefined
}

/** What fills each argument of a function, or what is wrong with them. */
export function toSlots(
  naming: Naming,
  real: IntrospectedFunction,
  filled: FilledArguments,
): readonly FunctionSlot[] | string {
  let unnamed = 0
  const slots: FunctionSlot[] = []
  for (const [position, argument] of real.arguments.entries()) {
    const sqlName = argument.name === '' ? null : argument.name
    const type = toType(argument.type)
    if (filled.row !== undefined && (filled.row === position || filled.row === sqlName)) {
      slots.push({ sqlName, filledBy: { kind: 'row' } })
    } else if (filled.session !== undefined && filled.session === sqlName) {
      slots.push({ sqlName, filledBy: { kind: 'session', type } })
    } else {
      const name = naming.field(sqlName ?? `arg_${++unnamed}`)
      if (!isGraphqlName(name) || !isGraphqlName(type.scalar)) {
        return 'an argument has a name or a type that is not a GraphQL name'
      }
      slots.push({ sqlName, filledBy: { kind: 'argument', argument: { name, type, optional: argument.optional } } })
    }
  }
  return slots
}

export const argumentsOf = (slots: readonly FunctionSlot[]): FunctionArgument[] =>
  slots.flatMap(({ filledBy }) => (filledBy.kind === 'argument' ? [filledBy.argument] : []))
