import { Kind, type OperationDefinitionNode, type TypeNode } from 'graphql'
import { GraphqlError } from '../errors.ts'
import { parseJson } from '../json-text.ts'

/** What a request gives: text in the URL and the query string, JSON in the body. The URL counts most. */
export interface RestArguments {
  readonly path: ReadonlyMap<string, string>
  /** Of a repeated key the last one counts. */
  readonly search: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

const NUMBERS = new Set(['Int', 'Float', 'Number', 'Double', 'float8', 'numeric'])

/** The variables of a saved query. Throws GraphqlError for one that it does not have, and for lists as text. */
export function restVariables(operation: OperationDefinitionNode, given: RestArguments): Record<string, unknown> {
  const types = new Map(operation.variableDefinitions?.map(({ variable, type }) => [variable.name.value, type]))
  const variables: Record<string, unknown> = {}
  const typeOf = (name: string): TypeNode => {
    const type = types.get(name)
    if (type === undefined) throw new GraphqlError('bad-request', `Unexpected variable ${name}`)
    return type
  }
  for (const [name, value] of Object.entries(given.body)) {
    typeOf(name)
    variables[name] = value
  }
  for (const [name, text] of [...given.search, ...given.path]) {
    const value = fromText(name, typeOf(name), text)
    if (value !== undefined) variables[name] = value
  }
  return variables
}

function fromText(name: string, type: TypeNode, text: string): unknown {
  const isRequired = type.kind === Kind.NON_NULL_TYPE
  const inner = isRequired ? type.type : type
  if (inner.kind === Kind.LIST_TYPE) {
    const message = `List variables are not currently supported in URL or Query parameters. (Variable ${name}, with value ${JSON.stringify(text)})`
    throw new GraphqlError('bad-request', message)
  }
  const typeName = inner.name.value
  // A key alone says yes.
  if (typeName === 'Boolean' && text === '') return true
  if (!isRequired && text === '') return undefined
  if (typeName === 'Boolean' && (text === 'true' || text === 'false')) return text === 'true'
  // Leading zeros are no JSON.
  return NUMBERS.has(typeName) && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
    ? parseJson(text.replace(/^(-?)0+(?=\d)/, '$1'))
    : text
}
