import { Kind, type ValueNode } from 'graphql'
import { LongNumber } from '../json-text.ts'

/**
 * A value a client sent, from the document or from the variables. Numbers stay text, so that none loses digits on its
 * way from the document to Postgres.
 */
export type Leaf =
  | { readonly form: 'an integer' | 'a float' | 'a number'; readonly text: string }
  | { readonly form: 'a string' | 'an enum value'; readonly text: string }
  /** Text of the document that is JSON already. */
  | { readonly form: 'JSON'; readonly text: string }
  | { readonly form: 'a boolean'; readonly value: boolean }
  | { readonly form: 'null' }
  | { readonly form: 'a list'; readonly items: readonly Leaf[] }
  | { readonly form: 'an object'; readonly fields: readonly (readonly [string, Leaf])[] }

const NULL: Leaf = { form: 'null' }

export function leafOfJson(value: unknown): Leaf {
  switch (typeof value) {
    case 'number':
      return { form: 'a number', text: String(value) }
    case 'string':
      return { form: 'a string', text: value }
    case 'boolean':
      return { form: 'a boolean', value }
    case 'object':
      if (value === null) return NULL
      if (value instanceof LongNumber) return { form: 'a number', text: value.text }
      if (Array.isArray(value)) return { form: 'a list', items: value.map(leafOfJson) }
      return { form: 'an object', fields: Object.entries(value).map(([key, item]) => [key, leafOfJson(item)]) }
    default:
      return NULL
  }
}

/** `variable` gives the JSON of a variable inside, undefined when it is absent. */
export function leafOfLiteral(node: ValueNode, variable: (name: string) => Leaf | undefined): Leaf {
  switch (node.kind) {
    case Kind.INT:
      return { form: 'an integer', text: node.value }
    case Kind.FLOAT:
      return { form: 'a float', text: node.value }
    case Kind.STRING:
      return { form: 'a string', text: node.value }
    case Kind.ENUM:
      return { form: 'an enum value', text: node.value }
    case Kind.BOOLEAN:
      return { form: 'a boolean', value: node.value }
    case Kind.NULL:
      return NULL
    case Kind.LIST:
      return { form: 'a list', items: node.values.map(item => leafOfLiteral(item, variable)) }
    case Kind.OBJECT:
      return {
        form: 'an object',
        fields: node.fields.map(field => [field.name.value, leafOfLiteral(field.value, variable)]),
      }
    case Kind.VARIABLE:
      return variable(node.name.value) ?? NULL
    default:
      return node satisfies never
  }
}

/** An item of a list of JSON values that stands in a document: as in Hasura, a string is read as the JSON that it holds. */
export function leafOfJsonItem(node: ValueNode, variable: (name: string) => Leaf | undefined): Leaf {
  return node.kind === Kind.STRING && isJsonText(node.value)
    ? { form: 'JSON', text: node.value }
    : leafOfLiteral(node, variable)
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export function jsonTextOf(leaf: Leaf): string {
  switch (leaf.form) {
    case 'an integer':
    case 'a float':
    case 'a number':
    case 'JSON':
      return leaf.text
    case 'a string':
    case 'an enum value':
      return JSON.stringify(leaf.text)
    case 'a boolean':
      return String(leaf.value)
    case 'null':
      return 'null'
    case 'a list':
      return `[${leaf.items.map(jsonTextOf).join(',')}]`
    case 'an object':
      return `{${leaf.fields.map(([key, item]) => `${JSON.stringify(key)}:${jsonTextOf(item)}`).join(',')}}`
    default:
      return leaf satisfies never
  }
}
