import {
  type GraphQLInputType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  print,
  type TypeNode,
  type ValueNode,
} from 'graphql'
import { invalid, type Path } from '../errors.ts'

export interface VariableDefinition {
  readonly name: string
  readonly type: TypeNode
  readonly defaultValue: ValueNode | null
}

export type VariableState = 'absent' | 'null' | 'given'

export function variableDefinitions(operation: OperationDefinitionNode): ReadonlyMap<string, VariableDefinition> {
  const definitions = new Map<string, VariableDefinition>()
  for (const node of operation.variableDefinitions ?? []) {
    const name = node.variable.name.value
    if (definitions.has(name)) invalid(`multiple definitions for variable "${name}"`)
    definitions.set(name, { name, type: node.type, defaultValue: node.defaultValue ?? null })
  }
  return definitions
}

/**
 * The variables of one request. It remembers whose content was looked at while planning (`structural`): a plan holds for
 * every request in which those are equal, whatever the others contain.
 */
export class Variables {
  readonly definitions: ReadonlyMap<string, VariableDefinition>
  readonly structural: Set<string>
  readonly #values: Readonly<Record<string, unknown>>

  constructor(
    definitions: ReadonlyMap<string, VariableDefinition>,
    values: Readonly<Record<string, unknown>>,
    structural: Set<string>,
  ) {
    this.definitions = definitions
    this.structural = structural
    this.#values = values
  }

  /** Complains about what is missing, null or too much, before anything else is looked at. */
  check(used: ReadonlySet<string>): void {
    for (const { name, type, defaultValue } of this.definitions.values()) {
      const state = this.state(name)
      if (type.kind !== Kind.NON_NULL_TYPE) continue
      if (state === 'null') invalid(`null value found for non-nullable type: "${print(type)}"`)
      if (state === 'absent' && defaultValue === null) {
        invalid(`expecting a value for non-nullable variable: "${name}"`)
      }
    }
    const unexpected = Object.keys(this.#values).filter(name => !this.definitions.has(name) || !used.has(name))
    if (unexpected.length > 0) {
      invalid(`unexpected variables in variableValues: ${unexpected.map(name => JSON.stringify(name)).join(', ')}`)
    }
  }

  definition(name: string, path: Path | null): VariableDefinition {
    return this.definitions.get(name) ?? invalid(`unbound variable "${name}"`, path)
  }

  state(name: string): VariableState {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
    return value === undefined ? 'absent' : value === null ? 'null' : 'given'
  }

  /** The content, for decisions about the plan. */
  read(name: string): unknown {
    this.structural.add(name)
    return this.#values[name]
  }

  /** What two requests must have in common to share a plan. */
  signature(): string {
    const parts: unknown[] = []
    for (const name of this.definitions.keys()) {
      parts.push(this.structural.has(name) ? [this.#values[name]] : this.state(name))
    }
    return JSON.stringify(parts)
  }
}

/**
 * Whether a variable may stand where `location` is expected: the same type, list for list, and nothing nullable where
 * null is not allowed. One thing is allowed that Hasura refuses: a String (or ID) for a scalar whose JSON form is a
 * string (uuid, timestamptz, …), because the plugin's published queries do that. `nullableItems`: what is in a list may be
 * declared nullable, as array columns take it.
 */
export function checkVariableUse(
  definition: VariableDefinition,
  location: GraphQLInputType,
  nullableItems: boolean,
  isTextScalar: (name: string) => boolean,
  path: Path,
): void {
  let declared: TypeNode = definition.type
  let expected: GraphQLInputType = location
  const fail: () => never = () =>
    invalid(
      `variable '${definition.name}' is declared as '${print(definition.type)}', but used where '${location}' is expected`,
      path,
    )
  if (isNonNullType(expected) && declared.kind !== Kind.NON_NULL_TYPE) {
    const hasDefault = definition.defaultValue !== null && definition.defaultValue.kind !== Kind.NULL
    if (!hasDefault) fail()
    expected = expected.ofType
  }
  for (let mayBeNull = false; ; mayBeNull = nullableItems) {
    if (isNonNullType(expected)) {
      if (declared.kind !== Kind.NON_NULL_TYPE && !mayBeNull) fail()
      expected = expected.ofType
    }
    if (declared.kind === Kind.NON_NULL_TYPE) declared = declared.type
    if (declared.kind !== Kind.LIST_TYPE) break
    if (!('ofType' in expected)) fail()
    expected = expected.ofType
    declared = declared.type
  }
  if ('ofType' in expected) fail()
  const name = declared.name.value
  if (name === expected.name) return
  if ((name === 'String' || name === 'ID') && isTextScalar(expected.name)) return
  fail()
}
