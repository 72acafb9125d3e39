import { type FieldNode, type GraphQLField, isNonNullType } from 'graphql'
import { below, invalid, type Path } from '../errors.ts'
import { canonicalName } from '../schema/canonical.ts'
import type { Input, InputReader } from './input.ts'

/**
 * A field's arguments by their names in Hasura's own convention. One that is absent, or null where null means "not given", is not in the map.
 */
export function readArguments(
  reader: InputReader,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  path: Path,
): ReadonlyMap<string, Input> {
  const inputs = new Map<string, Input>()
  for (const argument of node.arguments ?? []) {
    const name = argument.name.value
    const definition = field.args.find(item => item.name === name)
    if (definition === undefined) return invalid(`'${field.name}' has no argument named '${name}'`, path)
    const at = below(path, 'args', name)
    if (reader.isAbsent(argument.value, at)) continue
    const input: Input = { from: 'literal', node: argument.value, type: definition.type, path: at }
    if (!isNonNullType(definition.type) && reader.isNull(input)) continue
    inputs.set(canonicalName(definition), input)
  }
  for (const definition of field.args) {
    if (isNonNullType(definition.type) && !inputs.has(canonicalName(definition))) {
      invalid(`missing required field '${definition.name}'`, below(path, 'args', definition.name))
    }
  }
  return inputs
}
