import type { GraphQLSchema, OperationTypeNode } from 'graphql'
import { isTextInJson } from './catalog/scalars.ts'
import type { Catalog, PgType } from './catalog/types.ts'
import { type Access, type AccessOptions, accessOf } from './permissions/access.ts'
import type { PlanLimits } from './plan/context.ts'
import type { RootField } from './plan/nodes.ts'
import { type Operation, parseOperation } from './plan/operation.ts'
import { type PlanInput, planOperation } from './plan/plan-operation.ts'
import { planSubscription } from './plan/plan-subscription.ts'
import type { Placed } from './plan/root-fields.ts'
import { Variables } from './plan/variables.ts'
import type { MutationField } from './plan/write-nodes.ts'
import { RecentlyUsed } from './plan-cache.ts'
import { buildSchema } from './schema/build-schema.ts'
import type { SqlOptions } from './sql/compiler.ts'
import { type Multiplexed, toMultiplexed } from './sql/multiplexed.ts'
import { type Statement, toStatement } from './sql/statement.ts'

/** A root field ready to run, or its JSON. */
export type PlannedField = {
  readonly key: string
  /** Key of the namespace it is in; null: none. */
  readonly namespace: string | null
} & ({ readonly statement: Statement } | { readonly json: string } | { readonly mutation: MutationField })

/** A subscription ready to run: `statement` is null when everything it asks for is known. */
export interface PlannedSubscription {
  /** The response's keys in order: null where the statement's next root field stands, else JSON. */
  readonly fields: readonly { readonly key: string; readonly namespace: string | null; readonly json: string | null }[]
  readonly statement: Multiplexed | null
}

export interface PlannerOptions extends PlanLimits, SqlOptions, AccessOptions {
  /** Most documents, and most plans, that are kept. */
  readonly planCacheSize: number
  /** Other bounds for a role. @default none */
  readonly limitsOf?: (role: string) => Partial<PlanLimits>
}

/** Who a document is planned for. */
interface Who {
  readonly role: string
  readonly backendOnly: boolean
}

/** What is known of one document for one role and operation name. */
interface CachedOperation {
  readonly key: string
  readonly operation: Operation
  /** Variables whose content decided about a plan; shared by all plans of the operation. */
  readonly structural: Set<string>
}

interface RoleSchema {
  readonly access: Access
  readonly schema: GraphQLSchema
  readonly isTextScalar: (name: string) => boolean
}

// A schema per role is large, and a client may invent roles when nothing protects the endpoint.
const MAX_ROLES = 100
// An answer to introspection is known JSON of a megabyte; it is cheap to make again.
const MAX_CACHED_JSON = 65_536
const MAX_CACHED_SIGNATURE = 4_096
// Documents of clients are short; long ones would fill the memory with what is asked once.
const MAX_CACHED_QUERY = 65_536

/** From a document to statements, remembering what it has planned. */
export class Planner {
  readonly #catalog: Catalog
  readonly #options: PlannerOptions
  readonly #roles = new RecentlyUsed<RoleSchema>(MAX_ROLES)
  readonly #operations: RecentlyUsed<CachedOperation>
  readonly #plans: RecentlyUsed<readonly PlannedField[]>
  readonly #subscriptions: RecentlyUsed<PlannedSubscription>

  constructor(catalog: Catalog, options: PlannerOptions) {
    this.#catalog = catalog
    this.#options = options
    this.#operations = new RecentlyUsed(options.planCacheSize)
    this.#plans = new RecentlyUsed(options.planCacheSize)
    this.#subscriptions = new RecentlyUsed(options.planCacheSize)
  }

  schema(role: string, backendOnly = false): GraphQLSchema {
    return this.#role({ role, backendOnly }).schema
  }

  /** The request's root fields. `variables` may be bound later: a plan holds none of the values it only passes on. */
  plan(
    query: string,
    operationName: string | null,
    values: Readonly<Record<string, unknown>>,
    role: string,
    backendOnly = false,
  ): readonly PlannedField[] {
    const make = (input: PlanInput) => planOperation(input).map(field => this.#toPlanned(field))
    return this.#planned(this.#plans, query, operationName, values, { role, backendOnly }, make, isReusable)
  }

  /** What kind of operation would be run. */
  kind(query: string, operationName: string | null, role: string): OperationTypeNode {
    return this.#operation(query, operationName, { role, backendOnly: false }).operation.node.operation
  }

  planSubscription(
    query: string,
    operationName: string | null,
    values: Readonly<Record<string, unknown>>,
    role: string,
  ): PlannedSubscription {
    const make = (input: PlanInput): PlannedSubscription => {
      const fields = planSubscription(input)
      const asked = fields.flatMap(({ field }) => (field.kind === 'known' ? [] : [field]))
      return {
        fields: fields.map(({ namespace, field }) => ({
          key: field.key,
          namespace,
          json: field.kind === 'known' ? field.json : null,
        })),
        statement: asked.length === 0 ? null : toMultiplexed(asked, this.#options),
      }
    }
    const who = { role, backendOnly: false }
    return this.#planned(this.#subscriptions, query, operationName, values, who, make, () => true)
  }

  #planned<T>(
    plans: RecentlyUsed<T>,
    query: string,
    operationName: string | null,
    values: Readonly<Record<string, unknown>>,
    who: Who,
    make: (input: PlanInput) => T,
    isWorthKeeping: (planned: T) => boolean,
  ): T {
    const { operation, structural, key } = this.#operation(query, operationName, who)
    const variables = new Variables(operation.definitions, values, structural)
    variables.check(operation.usedVariables)
    const known = plans.get(key + variables.signature())
    if (known !== undefined) return known

    const { schema, access, isTextScalar } = this.#role(who)
    const limits = { ...this.#options, ...this.#options.limitsOf?.(who.role) }
    const planned = make({ schema, access, operation, variables, isTextScalar, limits })
    // Planning may have looked into more variables than before, so the signature is taken again.
    const signature = variables.signature()
    const isShort = key.length <= MAX_CACHED_QUERY && signature.length <= MAX_CACHED_SIGNATURE
    if (isShort && isWorthKeeping(planned)) plans.set(key + signature, planned)
    return planned
  }

  #operation(query: string, operationName: string | null, { role, backendOnly }: Who): CachedOperation {
    const key = JSON.stringify([role, backendOnly, operationName, query])
    const known = this.#operations.get(key)
    if (known !== undefined) return known
    const made = { key, operation: parseOperation(query, operationName), structural: new Set<string>() }
    if (key.length <= MAX_CACHED_QUERY) this.#operations.set(key, made)
    return made
  }

  #toPlanned({ namespace, field }: Placed<RootField | MutationField>): PlannedField {
    const { key } = field
    switch (field.kind) {
      case 'known':
        return { key, namespace, json: field.json }
      case 'insert':
      case 'update':
      case 'delete':
      case 'call':
        return { key, namespace, mutation: field }
    }
    return { key, namespace, statement: toStatement(field, this.#options) }
  }

  #role({ role, backendOnly }: Who): RoleSchema {
    const key = JSON.stringify([role, backendOnly])
    const known = this.#roles.get(key)
    if (known !== undefined) return known
    const access = accessOf(this.#catalog, role, { ...this.#options, backendOnly })
    const made = { access, schema: buildSchema(access), isTextScalar: textScalars(access) }
    this.#roles.set(key, made)
    return made
  }
}

// A mutation's plan mostly holds rows that are written once: keeping it would push out plans that are asked for again.
const isReusable = (planned: readonly PlannedField[]): boolean =>
  planned.every(field => !('mutation' in field) && (!('json' in field) || field.json.length <= MAX_CACHED_JSON))

function textScalars(access: Access): (name: string) => boolean {
  const types: PgType[] = [
    ...access.tables.flatMap(table => [...table.columns.values()].map(column => column.type)),
    ...access.writes.flatMap(({ table }) => [...table.columns.values()].map(column => column.type)),
    ...[...access.functions, ...access.mutations].flatMap(item => item.arguments.map(argument => argument.type)),
  ]
  const names = new Set(types.filter(isTextInJson).map(type => type.scalar))
  return name => names.has(name)
}
