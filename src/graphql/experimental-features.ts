/** Fields that may be left out of all schemas, to make them smaller. */
export interface HiddenFields {
  /** `update_t_many` */
  readonly updateMany?: boolean
  /** `<relationship>_aggregate` in filters */
  readonly aggregationPredicates?: boolean
  /** `t_stream` */
  readonly stream?: boolean
}

/** What of HASURA_GRAPHQL_EXPERIMENTAL_FEATURES hides something, and is off without it. */
const HIDING: Readonly<Record<string, keyof HiddenFields>> = {
  hide_update_many_fields: 'updateMany',
  hide_aggregation_predicates: 'aggregationPredicates',
  hide_stream_fields: 'stream',
}

/** What is always there, or makes no difference that a client sees. */
const ALWAYS_ON = new Set([
  'naming_convention',
  'inherited_roles',
  'streaming_subscriptions',
  'optimize_permission_filters',
])

export interface ExperimentalFeatures {
  readonly hidden: HiddenFields
  /** A sentence for each that we do not have. */
  readonly warnings: readonly string[]
}

export function experimentalFeatures(names: readonly string[]): ExperimentalFeatures {
  const hidden: Partial<Record<keyof HiddenFields, boolean>> = {}
  const warnings: string[] = []
  for (const name of names) {
    const hides = HIDING[name]
    if (hides !== undefined) hidden[hides] = true
    else if (!ALWAYS_ON.has(name)) {
      const known = [...Object.keys(HIDING), ...ALWAYS_ON].join(', ')
      warnings.push(
        `HASURA_GRAPHQL_EXPERIMENTAL_FEATURES: ${name} is not supported and makes no difference; known are ${known}`,
      )
    }
  }
  return { hidden, warnings }
}
