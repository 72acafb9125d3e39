import { GraphQLError, type GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCatalog } from '../../src/graphql/catalog/build.ts'
import { readIntrospection } from '../../src/graphql/catalog/introspect.ts'
import type { Catalog } from '../../src/graphql/catalog/types.ts'
import { GraphqlError } from '../../src/graphql/errors.ts'
import { bind } from '../../src/graphql/execute/bind.ts'
import { accessOf } from '../../src/graphql/permissions/access.ts'
import { Planner } from '../../src/graphql/planner.ts'
import { type Company, companyMetadata, createCompany } from './support/company.ts'
import { type GeneratedDocument, generateDocument, HOSTILE, randomNumbers } from './support/documents.ts'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const DOCUMENTS = Number(process.env.FUZZ_PLANS ?? 100_000)
const ROLES = ['admin', 'self', 'maker', 'lead', 'chief', 'named', 'social', 'hidden']
// Of so many documents two also run: one whole, one damaged.
const RUN_ONE_IN = 200

let company: Company
let catalog: Catalog
const surprises: unknown[] = []
beforeAll(async () => {
  company = await createCompany({ onUnexpected: error => surprises.push(error) })
  const metadata = companyMetadata()
  const [source] = metadata.sources
  if (source === undefined) throw new Error('the company has a source')
  const functions = [
    ...source.functions.map(item => item.function),
    ...source.tables.flatMap(table => table.computed_fields?.map(field => field.definition.function) ?? []),
  ]
  const tables = source.tables.map(table => table.table)
  const introspection = await readIntrospection(company.database.pool, tables, functions, tables.slice(0, 1))
  catalog = buildCatalog(source, introspection, { inheritedRoles: metadata.inherited_roles }).catalog
})
afterAll(() => company.database.drop())

const planner = () =>
  new Planner(catalog, { stringifyNumericTypes: false, maxDepth: 30, maxFields: 5_000, planCacheSize: 10 })

// Every word of SQL that we write.
const WORDS = new Set(
  (
    'select from where and or not as is null true false order group by asc desc nulls first last limit offset distinct on exists having ' +
    'case when then end any all row coalesce json_agg json_build_object to_json least count like ilike similar to collate ' +
    'text avg max min sum stddev stddev_pop stddev_samp var_pop var_samp variance bool_and bool_or corr covar_samp'
  ).split(' '),
)

/** What is wrong with a statement: a word that we do not write, or a name that the role's plan has no business with. */
function complaint(text: string, names: ReadonlySet<string>): string | null {
  const literals = text.replace(/'(?:[^']|'')*'/g, literal => (/^'[\w[\]]*'$/.test(literal) ? ' ' : literal))
  if (literals.includes("'")) return `a literal that is no key: ${literals}`
  // Response keys are the client's to choose, among GraphQL's names.
  const bare = literals
    .replace(/ AS "(?:[_A-Za-z]\w*|(?:key|aggregate)\.\d+)"/g, ' AS ')
    .replace(/"((?:[^"]|"")*)"/g, (quoted, name: string) => (names.has(name) || isAlias(name) ? ' ' : quoted))
  const found = bare.replace(/\$\d+/g, ' ').match(/"[^"]*"|[A-Za-z_]\w*/g) ?? []
  const strange = found.find(item => !WORDS.has(item.toLowerCase()))
  if (strange !== undefined) return `${strange} in ${text}`
  return /;|--|\/\*/.test(bare) ? `a comment or a second statement in ${text}` : null
}

const isAlias = (name: string): boolean =>
  /^(?:t\d+(?:\.row)?|(?:key|aggregate)\.\d+|a\d+|row|root|__typename|aggregate|nodes)$/.test(name)

/** Names that may stand in a role's statements: what it sees, and what its permissions and relationships mention. */
function namesOf(role: string): ReadonlySet<string> {
  const names = new Set(['public', 'C'])
  const add = (value: unknown, seen = new Set<unknown>()): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const { kind, column, table, left, right } = value as Record<string, { name?: string } | undefined>
    for (const item of [column, table, left, right]) if (typeof item?.name === 'string') names.add(item.name)
    if (kind !== undefined || Array.isArray(value)) for (const item of Object.values(value)) add(item, seen)
  }
  const { tables, functions } = accessOf(catalog, role, {})
  for (const table of catalog.tables.values()) for (const column of table.columns.values()) addType(column.type)
  function addType(type: { name: string; element: { name: string } | null }): void {
    names.add((type.element ?? type).name)
  }
  for (const name of [
    'int4',
    'int8',
    'text',
    'bool',
    'float8',
    'numeric',
    'json',
    'lquery',
    'ltxtquery',
    'jsonpath',
    'team',
  ])
    names.add(name)
  for (const access of tables) {
    names.add(access.table.name.name)
    for (const column of access.columns.values()) {
      names.add(column.name)
      add(column.visible)
    }
    for (const field of access.computedFields.values()) {
      names.add(field.function.name)
      for (const slot of field.slots) if (slot.sqlName !== null) names.add(slot.sqlName)
    }
    add(access.filter)
    for (const relationship of access.table.relationships.values()) {
      for (const pair of relationship.columns) names.add(pair.from.name).add(pair.to.name)
    }
  }
  for (const item of functions) {
    names.add(item.name.name)
    for (const slot of item.slots) if (slot.sqlName !== null) names.add(slot.sqlName)
  }
  return names
}

/** The document with something put in, taken out or exchanged. */
function damaged(query: string, seed: number): string {
  const { below, pick, chance } = randomNumbers(seed)
  const at = below(query.length)
  const extra = pick([
    ...HOSTILE,
    '{',
    '}',
    '"',
    '\\',
    ')',
    '@include(if: true)',
    '...on x{y}',
    '$',
    '#',
    ' email ',
    '__schema{types{name}}',
  ])
  return query.slice(0, at) + extra + query.slice(at + (chance(0.5) ? 0 : below(12)))
}

describe(`documents and variables of all kinds (${DOCUMENTS}, seed ${SEED})`, () => {
  it.each(ROLES)(
    'as %s become statements of known words and allowed names, or a refusal',
    async role => {
      const made = planner()
      const names = namesOf(role)
      const root = made.schema(role).getQueryType() as GraphQLObjectType
      const session = {
        role,
        variables: { 'x-hasura-user-id': "1'; --", 'x-hasura-place': '"', 'x-hasura-salary': '1' },
      }
      let planned = 0
      let base: GeneratedDocument = { query: '', variables: {} }
      for (let i = 0; i < DOCUMENTS / ROLES.length; i++) {
        const seed = SEED * 1_000 + i
        // Each document comes whole and then damaged in several ways; every other one has good values.
        if (i % 20 === 0) base = generateDocument(root, seed, { hostile: i % 40 === 0 })
        const { variables } = base
        const query = i % 20 === 0 ? base.query : damaged(base.query, seed)
        const tell = (what: unknown) =>
          new Error(`document ${i} of seed ${SEED}: ${what}\n${query}\n${JSON.stringify(variables)}`)
        try {
          for (const field of made.plan(query, null, variables, role)) {
            if (!('statement' in field)) continue
            const { text, values } = field.statement
            const wrong = complaint(text, names)
            if (wrong !== null) throw tell(wrong)
            for (const value of bind(values, variables, session)) {
              if (value !== null && typeof value !== 'string' && !Array.isArray(value))
                throw tell(`a parameter ${value}`)
            }
            planned++
          }
        } catch (error) {
          if (!(error instanceof GraphqlError) && !(error instanceof GraphQLError)) throw tell(error)
        }
        if (i % RUN_ONE_IN > 1) continue
        const answer = JSON.parse(await company.engine.execute({ query, variables }, session))
        const code = answer.errors?.[0].extensions.code
        if (surprises.length > 0 || code === 'unexpected') throw tell(surprises[0] ?? JSON.stringify(answer))
      }
      expect(planned).toBeGreaterThan(DOCUMENTS / ROLES.length / 1_000)
    },
    300_000,
  )
})
