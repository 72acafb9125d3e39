import type { MetadataCustomization, NamingConvention } from '../../hasura/metadata.ts'

/** What a name is about: a table, a function. One that the metadata gives is kept as it is. */
export interface Stem {
  readonly text: string
  readonly isCustom: boolean
}

/** Words of a name, joined by `_`; those of `whole` stay together in every convention. */
export type Words = string | { readonly whole: string }

/**
 * How a source's names are made. `hasura-default`: `prefix` + `article_bool_exp` + `suffix`; `graphql-default`:
 * `ArticleBoolExp`, fields and arguments `authorId`, values of enums `ASC`.
 */
export interface Naming {
  /** A type that belongs to a table or function. */
  type(stem: Stem, ...words: Words[]): string
  /** A type that all sources share. */
  sharedType(name: string): string
  rootField(before: string, stem: Stem, after: string): string
  /** One that the metadata gives. */
  customRootField(name: string): string
  /** A field, an argument or an operator: `distinct_on`, `_is_null`. */
  field(name: string): string
  /** The aggregate of a relationship or computed field. */
  aggregateOf(name: string): string
  enumValue(name: string): string
  /** The field in which the source's root fields are; null: they are at the root. */
  readonly namespace: string | null
}

export function namingOf(
  { root_fields: root = {}, type_names: types = {}, naming_convention: own }: MetadataCustomization = {},
  fallback: NamingConvention = 'hasura-default',
): Naming {
  const namespace = root.namespace ?? null
  if ((own ?? fallback) === 'hasura-default') {
    const snake = (...parts: string[]): string => parts.filter(part => part !== '').join('_')
    const around = ({ prefix = '', suffix = '' }: Affixes, name: string): string => `${prefix}${name}${suffix}`
    return {
      type: (stem, ...words) => around(types, snake(stem.text, ...words.map(textOf))),
      sharedType: name => name,
      rootField: (before, stem, after) => around(root, snake(before, stem.text, after)),
      customRootField: name => around(root, name),
      field: name => name,
      aggregateOf: name => `${name}_aggregate`,
      enumValue: name => name,
      namespace,
    }
  }
  return {
    type: (stem, ...words) =>
      camelAround(types, joined([...partsOf(stem), ...words.flatMap(splitWords)], stem, upperFirst)),
    sharedType: name => split(name).map(upperFirst).join(''),
    rootField: (before, stem, after) => {
      const parts = [...split(before), ...partsOf(stem), ...split(after)]
      return camelAround(root, before === '' ? joined(parts, stem, lowerFirst) : camel(parts))
    },
    customRootField: name => camelAround(root, name),
    field: name => camel(split(name)),
    aggregateOf: name => `${lowerFirst(name)}Aggregate`,
    enumValue: name => name.toUpperCase(),
    namespace,
  }
}

interface Affixes {
  prefix?: string
  suffix?: string
}

const textOf = (words: Words): string => (typeof words === 'string' ? words : words.whole)
const splitWords = (words: Words): string[] => (typeof words === 'string' ? split(words) : [words.whole])
const partsOf = ({ text, isCustom }: Stem): string[] => (isCustom ? [text] : split(text))

const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

/** `_` at the beginning belongs to the first word. */
const split = (name: string): string[] => name.split(/(?<=[^_])_+/).filter(part => part !== '')

const camel = ([first = '', ...rest]: string[]): string => lowerFirst(first) + rest.map(upperFirst).join('')

/** A name of the metadata's own that comes first keeps its letters. */
const joined = ([first = '', ...rest]: string[], stem: Stem, start: (text: string) => string): string =>
  (stem.isCustom ? first : start(first)) + rest.map(upperFirst).join('')

const camelAround = ({ prefix, suffix }: Affixes, name: string): string =>
  `${prefix ?? ''}${prefix ? upperFirst(name) : name}${upperFirst(suffix ?? '')}`
