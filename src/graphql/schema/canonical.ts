import type { GraphQLArgument, GraphQLInputField } from 'graphql'
import type { Naming } from '../catalog/naming.ts'

/** Gives arguments, fields and operators the names of the source's convention. The planner knows them by Hasura's own. */
export function withNames<F extends { extensions?: unknown }>(
  naming: Naming,
  fields: Readonly<Record<string, F>>,
): Record<string, F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const shown = naming.field(name)
      if (shown === name) return [name, field]
      return [shown, { ...field, extensions: { ...(field.extensions as object | undefined), canonical: name } }]
    }),
  )
}

export const canonicalName = (field: GraphQLArgument | GraphQLInputField): string =>
  (field.extensions.canonical as string | undefined) ?? field.name
