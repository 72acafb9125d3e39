import { GraphqlError } from '../errors.ts'
import { parseJson } from '../json-text.ts'
import { encode } from '../plan/encode.ts'
import { jsonTextOf, leafOfJson } from '../plan/leaf.ts'
import type { ParameterValue, Value } from '../plan/nodes.ts'
import type { Session } from './session.ts'

/** The parameters of a statement for one request. */
export function bind(
  values: readonly Value[],
  variables: Readonly<Record<string, unknown>>,
  session: Session,
): ParameterValue[] {
  return values.map(value => {
    switch (value.kind) {
      case 'constant':
        return value.value
      case 'variable':
        return encode(leafOfJson(variables[value.name]), value.type, value.path, value.rule)
      case 'session': {
        const text = Object.hasOwn(session.variables, value.name) ? session.variables[value.name] : undefined
        if (text === undefined) throw new GraphqlError('not-found', `missing session variable: "${value.name}"`)
        return value.type.element !== null && text.startsWith('[') ? (listOf(text) ?? text) : text
      }
      case 'session_json':
        return JSON.stringify(session.variables)
      default:
        return value satisfies never
    }
  })
}

/** A list as JSON, which Hasura takes beside Postgres' own `{a,b}`; undefined when the text is none. */
function listOf(text: string): (string | null)[] | undefined {
  try {
    const items: unknown = parseJson(text)
    return Array.isArray(items) ? items.map(itemText) : undefined
  } catch {
    // An array of Postgres may begin so, too: [0:1]={a,b}. What is neither is refused there.
    return undefined
  }
}

const itemText = (item: unknown): string | null =>
  typeof item === 'string' || item === null ? item : jsonTextOf(leafOfJson(item))
