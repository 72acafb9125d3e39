import { type DocumentNode, Kind, parse, print, separateOperations } from 'graphql'
import { prefixDocument } from '../graphql-prefix.ts'
import { readDirectory } from './metadata-node.ts'

/** The name of our source in anybody's Hasura. */
export const SOURCE_NAME = 'observability'

/** Root fields and types of our source begin with it in somebody else's Hasura, so that nothing can collide. */
export const DEFAULT_PREFIX = 'observability_'

/** Saved queries and REST endpoints whose name begins with it are ours, all others are not. */
export const OWN_NAMES = 'event_detector_observability_'

export type JsonObject = Record<string, unknown>

/** Our part of a Hasura's metadata, in Hasura's own form. */
export interface OwnMetadata {
  source: JsonObject
  collections: JsonObject[]
  restEndpoints: JsonObject[]
  /** Whether `source.configuration` was asked for, rather than our default: then it replaces what is there. */
  setsConfiguration: boolean
}

export interface OwnMetadataOptions {
  /** Our metadata v3 directory. */
  directory: string
  /** Text of model/example-queries.graphql, to be saved as queries. */
  exampleQueries: string
  /** The schema that our tables have in the directory, and in the database. */
  schema: { from: string; to: string }
  /** Before root fields and types; '' for none. */
  prefix: string
  /** How Hasura finds the database; by the variable OBSERVABILITY_DB_URL unless given. */
  databaseUrl: string | { from_env: string } | null
}

/** Reads our directory as it is to be put into a Hasura. */
export async function readOwnMetadata(options: OwnMetadataOptions): Promise<OwnMetadata> {
  const { schema, prefix, databaseUrl } = options
  const { databases, requestRules } = await readDirectory(options.directory)
  const [node] = databases.list()
  const source = renameSchema(node?.object() ?? {}, schema.from, schema.to) as JsonObject
  if (databaseUrl !== null) {
    const configuration = source.configuration as { connection_info: object }
    source.configuration = {
      ...configuration,
      connection_info: { ...configuration.connection_info, database_url: databaseUrl },
    }
  }
  if (prefix !== '') source.customization = { root_fields: { prefix }, type_names: { prefix } }
  const queries = savedQueries(prefixDocument(parse(options.exampleQueries), prefix))
  return {
    source,
    collections: [savedCollection(queries)],
    restEndpoints: requestRules.rest_endpoints?.list().map(item => item.object()) ?? [],
    setsConfiguration: databaseUrl !== null,
  }
}

/** The example queries as a collection, as `query_collections.yaml` of our directory holds it. */
export const exampleCollection = (exampleQueries: string): JsonObject =>
  savedCollection(savedQueries(parse(exampleQueries)))

const savedCollection = (queries: { name: string; query: string }[]): JsonObject => ({
  name: `${OWN_NAMES}queries`,
  comment: 'Questions people come with',
  definition: { queries },
})

function savedQueries(document: DocumentNode): { name: string; query: string }[] {
  return Object.entries(separateOperations(document))
    .map(([name, operation]) => ({
      name,
      // Comments of the file are not part of the document; fragments come last.
      query: print({
        ...operation,
        definitions: [...operation.definitions].sort((a, b) => Number(isFragment(a)) - Number(isFragment(b))),
      }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isFragment = ({ kind }: { kind: string }): boolean => kind === Kind.FRAGMENT_DEFINITION

// In metadata a key `schema` always names the schema of a table or function.
function renameSchema(value: unknown, from: string, to: string): unknown {
  if (from === to || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => renameSchema(item, from, to))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'schema' && item === from ? to : renameSchema(item, from, to),
    ]),
  )
}
