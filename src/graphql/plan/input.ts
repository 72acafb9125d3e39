import {
  type GraphQLEnumType,
  type GraphQLEnumValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
} from 'graphql'
import { INTEGER, isJson } from '../catalog/scalars.ts'
import type { PgType } from '../catalog/types.ts'
import { below, invalid, type Path } from '../errors.ts'
import { LongNumber } from '../json-text.ts'
import { canonicalName } from '../schema/canonical.ts'
import { encode } from './encode.ts'
import { type Leaf, leafOfJson, leafOfJsonItem, leafOfLiteral } from './leaf.ts'
import type { Value, ValueRule } from './nodes.ts'
import { checkVariableUse, type Variables } from './variables.ts'

/** A place in the arguments: a literal of the document or a part of a variable's JSON. */
export type Input =
  | { readonly from: 'literal'; readonly node: ValueNode; readonly type: GraphQLInputType; readonly path: Path }
  | { readonly from: 'json'; readonly value: unknown; readonly type: GraphQLInputType; readonly path: Path }

export interface InputEntry {
  /** In Hasura's own convention, whatever the source's is. */
  readonly name: string
  readonly field: GraphQLInputField
  readonly input: Input
}

// A filter deeper than this is not a filter a person writes; it would only exhaust the stack.
const MAX_DEPTH = 200

/** Reads arguments by the schema's input types, with Hasura's complaints. */
export class InputReader {
  readonly variables: Variables
  readonly #isTextScalar: (name: string) => boolean

  constructor(variables: Variables, isTextScalar: (name: string) => boolean) {
    this.variables = variables
    this.#isTextScalar = isTextScalar
  }

  /** Whether a value is a variable that was not given and has no default: then it is as if it were not written. */
  isAbsent(node: ValueNode, path: Path): boolean {
    if (node.kind !== Kind.VARIABLE) return false
    const definition = this.variables.definition(node.name.value, path)
    return this.variables.state(definition.name) === 'absent' && definition.defaultValue === null
  }

  isNull(input: Input): boolean {
    if (input.from === 'json') return input.value === null
    if (input.node.kind === Kind.NULL) return true
    if (input.node.kind !== Kind.VARIABLE) return false
    const definition = this.variables.definition(input.node.name.value, input.path)
    const state = this.variables.state(definition.name)
    return state === 'null' || (state === 'absent' && definition.defaultValue?.kind === Kind.NULL)
  }

  /** The fields of an object, in the order they were written. */
  object(input: Input): InputEntry[] {
    if (input.path.depth > MAX_DEPTH) invalid(`arguments may be nested at most ${MAX_DEPTH} levels deep`)
    const type = getNullableType(input.type) as GraphQLInputObjectType
    const opened = this.#open(input)
    const fields = type.getFields()
    const entries: InputEntry[] = []
    const add = (name: string, place: (path: Path, type: GraphQLInputType) => Input | undefined): void => {
      const path = below(opened.path, name)
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined) invalid(`field '${name}' not found in type: '${type.name}'`, path)
      const placed = place(path, field.type)
      if (placed !== undefined) entries.push({ name: canonicalName(field), field, input: placed })
    }
    if (opened.from === 'literal' && opened.node.kind === Kind.OBJECT) {
      for (const { name, value } of opened.node.fields) {
        add(name.value, (path, type) =>
          this.isAbsent(value, path) ? undefined : { from: 'literal', node: value, type, path },
        )
      }
    } else if (opened.from === 'json' && isPlainObject(opened.value)) {
      for (const [name, value] of Object.entries(opened.value)) {
        add(name, (path, type) => ({ from: 'json', value, type, path }))
      }
    } else {
      return invalid(`expected an object for type '${type.name}', but found ${this.leaf(opened).form}`, opened.path)
    }
    for (const field of Object.values(fields)) {
      if (isNonNullType(field.type) && field.defaultValue === undefined) {
        if (!entries.some(entry => entry.field === field)) {
          invalid(`missing required field '${field.name}'`, below(opened.path, field.name))
        }
      }
    }
    return entries
  }

  /** The items of a list; a single value stands for a list of one. */
  list(input: Input): Input[] {
    const listType = getNullableType(input.type)
    if (!isListType(listType)) throw new TypeError(`${listType} is not a list`)
    const type: GraphQLInputType = listType.ofType
    const opened = this.#open(input)
    if (this.isNull(opened)) return invalid('expected a list, but found null', opened.path)
    if (opened.from === 'literal' && opened.node.kind === Kind.LIST) {
      return opened.node.values.map((node, index) => ({ from: 'literal', node, type, path: below(opened.path, index) }))
    }
    if (opened.from === 'json' && Array.isArray(opened.value)) {
      return opened.value.map((value, index) => ({ from: 'json', value, type, path: below(opened.path, index) }))
    }
    return [{ ...opened, type, path: below(opened.path, 0) }]
  }

  enum(input: Input): GraphQLEnumValue {
    const type = getNullableType(input.type) as GraphQLEnumType
    const leaf = this.leaf(this.#open(input))
    // JSON has no enum values: there they are strings.
    const isWord = leaf.form === 'an enum value' || (leaf.form === 'a string' && this.#open(input).from === 'json')
    if (!isWord) return invalid(`expected an enum value for type '${type.name}', but found ${leaf.form}`, input.path)
    const value = type.getValue(leaf.text)
    if (value !== undefined && value !== null) return value
    const allowed = type.getValues().map(item => `'${item.name}'`)
    return invalid(
      `expected one of the values [${allowed.join(', ')}] for type '${type.name}', but found '${leaf.text}'`,
      input.path,
    )
  }

  /** A boolean that decides about the plan. */
  boolean(input: Input): boolean {
    const opened = this.#open(input)
    const leaf = this.leaf(opened)
    if (leaf.form === 'null') return invalid(`unexpected null value for type 'Boolean'`, opened.path)
    if (leaf.form === 'a boolean') return leaf.value
    return invalid(`expected a boolean for type 'Boolean', but found ${leaf.form}`, opened.path)
  }

  /** A number of rows, which decides about the plan: 0 or more, 32 bits. */
  count(input: Input): number {
    const opened = this.#open(input)
    return Number(encode(this.leaf(opened), INTEGER, opened.path, 'count'))
  }

  /** Text that decides about the plan. */
  text(input: Input): string {
    const opened = this.#open(input)
    const leaf = this.leaf(opened)
    if (leaf.form === 'a string') return leaf.text
    return invalid(`expected a string for type 'String', but found ${leaf.form}`, opened.path)
  }

  /** A value for Postgres. A variable that stands alone stays one, so that the plan serves all its values. */
  value(input: Input, type: PgType, rule: ValueRule = 'any'): Value {
    if (this.isNull(input)) {
      const shown = type.element === null ? type.scalar : `[${type.element.scalar}!]`
      return invalid(`unexpected null value for type '${shown}'`, input.path)
    }
    if ((type.element ?? type).values !== null) {
      const read = (item: Input): string => this.enum(item).value as string
      const value = type.element === null ? read(input) : this.list(input).map(read)
      return { kind: 'constant', type, value }
    }
    if (input.from === 'literal' && input.node.kind === Kind.VARIABLE) {
      const name = input.node.name.value
      const definition = this.variables.definition(name, input.path)
      this.#checkUse(name, input, rule === 'any' && type.element !== null)
      if (this.variables.state(name) === 'given') return { kind: 'variable', type, name, rule, path: input.path }
      const node = definition.defaultValue as ValueNode
      return this.value({ ...input, node }, type, rule)
    }
    return {
      kind: 'constant',
      type,
      value: encode(this.leaf(input, rule === 'any' ? type : undefined), type, input.path, rule),
    }
  }

  /** `type` is what it is read as, where that makes a difference. */
  leaf(input: Input, type?: PgType): Leaf {
    if (input.from === 'json') return leafOfJson(input.value)
    const variable = (name: string): Leaf | undefined => {
      const definition = this.variables.definition(name, input.path)
      if (this.variables.state(name) !== 'absent') return leafOfJson(this.variables.read(name))
      return definition.defaultValue === null ? undefined : this.leaf({ ...input, node: definition.defaultValue })
    }
    const { node } = input
    if (node.kind === Kind.LIST && type?.element && isJson(type.element)) {
      return { form: 'a list', items: node.values.map(item => leafOfJsonItem(item, variable)) }
    }
    return leafOfLiteral(node, variable)
  }

  // Looks through a variable to what it contains.
  #open(input: Input): Input {
    if (input.from === 'json' || input.node.kind !== Kind.VARIABLE) return input
    const name = input.node.name.value
    this.#checkUse(name, input)
    if (this.variables.state(name) === 'absent') {
      const node = this.variables.definition(name, input.path).defaultValue
      return node === null ? { ...input, from: 'json', value: null } : { ...input, node }
    }
    return { from: 'json', value: this.variables.read(name), type: input.type, path: input.path }
  }

  #checkUse(name: string, input: Input, nullableItems = false): void {
    const definition = this.variables.definition(name, input.path)
    checkVariableUse(definition, input.type, nullableItems, this.#isTextScalar, input.path)
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongNumber)
}
