/** What Hasura has, whether the endpoint has it, and the test that shows so: `file › title`. */
export interface Feature {
  area: string
  feature: string
  /** A sentence for what differs; null when nothing does. Unsupported features have no test. */
  supported: 'yes' | 'differs' | 'no'
  note?: string
  test?: string
}

const has = (area: string, feature: string, test: string): Feature => ({ area, feature, supported: 'yes', test })
const differs = (area: string, feature: string, note: string, test: string): Feature => ({
  area,
  feature,
  supported: 'differs',
  note,
  test,
})
const lacks = (area: string, feature: string, note: string): Feature => ({ area, feature, supported: 'no', note })

export const FEATURES: readonly Feature[] = [
  has('Selecting', 'by primary key', 'select › come by primary key, or are null'),
  has(
    'Selecting',
    'aliases, key order, several root fields',
    'select › keep the order of keys, aliases and several root fields',
  ),
  has(
    'Selecting',
    'object and array relationships with arguments',
    'select › nest with arguments of their own, over foreign keys in both directions',
  ),
  has('Selecting', 'JSON encodings of Postgres types', 'select › come with every type as Hasura encodes it'),
  has(
    'Selecting',
    'views, custom root fields, odd names',
    'select › come from views, tables with odd names and custom root fields',
  ),
  has('Selecting', 'materialized views', 'enums-and-types › a materialized view is a table without a key'),
  has('Selecting', 'JSON columns by path', 'select › show a part of a JSON column by path'),
  has(
    'Selecting',
    'numbers as strings (HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES)',
    'select › turn numbers into strings when asked to',
  ),
  has('Selecting', 'aggregates with arguments', 'select › count, sum and compare over what the arguments choose'),
  has(
    'Selecting',
    'group_by in aggregates',
    'aggregates › group rows by columns, with the same aggregates for each group',
  ),
  has(
    'Selecting',
    'aggregates over computed fields',
    'aggregates › are over computed fields, too, with their arguments',
  ),
  has(
    'Selecting',
    'counts for roles that see no column',
    'aggregates › can only count rows for a role that sees no column',
  ),
  has(
    'Filters and orders',
    'parts or all of a filter from variables',
    'select › takes its parts, or all of it, from variables',
  ),
  has(
    'Filters and orders',
    'absent variables and default values',
    'select › an absent variable is no condition, a default value is one',
  ),
  has(
    'Filters and orders',
    'limit, offset and order from variables',
    'select › takes limit, offset and order from variables',
  ),
  has(
    'Filters and orders',
    'jsonb paths: _jsonb_path_exists, _jsonb_path_match',
    'enums-and-types › jsonb asks with JSON paths',
  ),
  has('Filters and orders', 'ltree operators', 'enums-and-types › ltree asks for ancestors, descendants and patterns'),
  has(
    'Filters and orders',
    '_in and _nin of array columns',
    'enums-and-types › arrays are looked for in lists of arrays',
  ),
  has(
    'Filters and orders',
    '_cast of any scalar to text',
    'enums-and-types › all but text can be compared as the text that Postgres makes of them',
  ),
  has(
    'Filters and orders',
    'variables of array columns: [T] for [T!]',
    'enums-and-types › array columns take variables whose elements may be null',
  ),
  has(
    'Filters and orders',
    'aggregates of relationships as predicates',
    'enums-and-types › compare what double precision columns come to',
  ),
  differs(
    'Filters and orders',
    'several keys in one order_by object',
    'they count in the order they are written',
    'select › takes limit, offset and order from variables',
  ),
  differs(
    'Filters and orders',
    '_ilike and _cast on uuid columns',
    'taken, on the text of the uuid; Hasura has them for text and jsonb only',
    'console-queries › searches text in payloads, ids, names and users, as the text they show',
  ),
  lacks(
    'Filters and orders',
    'PostGIS operators',
    'PostGIS columns are read as their JSON form and compared in general ways only',
  ),
  has(
    'Computed fields',
    'scalars, with arguments, defaults and session',
    'computed-fields › are scalars of a row, with arguments, defaults and the session',
  ),
  has(
    'Computed fields',
    'rows of a table',
    'computed-fields › are rows of a table, chosen and ordered like any others, and one row',
  ),
  has(
    'Computed fields',
    'in filters and orders',
    'computed-fields › choose and order rows where they take no arguments',
  ),
  has(
    'Computed fields',
    'permissions',
    'computed-fields › are seen by roles that are granted them, and rows as their table is',
  ),
  has('Computed fields', 'in permissions', 'computed-fields › stand in permissions'),
  has(
    'Functions',
    'with arguments, defaults and session argument',
    'select › come from functions with arguments, defaults and session arguments',
  ),
  has('Functions', 'arguments without names', 'computed-fields › take arguments by position where they have no names'),
  has('Functions', 'rows as arguments', 'computed-fields › take a row as text, under a type name of its own'),
  has('Functions', 'as mutations', 'mutations › return rows or one row, and get the session'),
  has(
    'Functions',
    'permissions (HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS)',
    'inherited-roles › may call what a parent may call when functions have to be granted',
  ),
  lacks('Functions', 'overloaded functions', 'Hasura has none either'),
  has('Enum tables', 'as types of columns', 'enums-and-types › are the type of the columns that refer to them'),
  has(
    'Enum tables',
    'values from documents and variables',
    'enums-and-types › take values of the enum, from the document and from variables',
  ),
  has(
    'Enum tables',
    'visible to roles that do not see the table',
    'enums-and-types › are there for roles that do not see the table',
  ),
  has('Permissions', 'rows and columns', 'permissions › sees the rows its filter lets through, everywhere'),
  has(
    'Permissions',
    'relationships, _exists, session variables; old $-forms',
    'permissions › reads relationships, _exists and lists of session variables in filters',
  ),
  has(
    'Permissions',
    'columns compared with columns, also of the root row',
    'permissions › compares with the row its permission is about, wherever that row is met',
  ),
  has(
    'Permissions',
    'null as a value: there is none; numbers as text',
    'enums-and-types › permissions may compare with null and write numbers as text',
  ),
  has(
    'Permissions',
    'limits',
    'permissions › gets at most its limit of rows, in nested lists too; counts are over all',
  ),
  has(
    'Permissions',
    'inherited roles: rows and cells',
    'inherited-roles › see the rows of all their parents, and of each row the cells that a parent sees there',
  ),
  has(
    'Permissions',
    'cells of inherited roles in filters, orders, aggregates and keys',
    'inherited-roles › learn nothing of other cells by filters, orders, groups or aggregates',
  ),
  has(
    'Permissions',
    'cells of inherited roles in streams',
    'inherited-roles › learn nothing of other cells by the order or cursor of a stream',
  ),
  has(
    'Mutations',
    'inherited roles: cells of what is returned',
    'mutation-types › has for an inherited role the cells that it may see',
  ),
  lacks('Permissions', 'validate_input', 'a permission with it is left out, with a warning'),
  has(
    'Mutations',
    'insert, nested',
    'mutations › writes rows, each with the columns it has, and returns them with what hangs on them',
  ),
  has(
    'Mutations',
    'insert, nested: siblings that refer to each other',
    'mutations › writes siblings in the order in which they refer to each other, however they are written',
  ),
  has('Mutations', 'on_conflict', 'mutations › takes on_conflict at every level'),
  has('Mutations', 'update with all operators', 'mutations › sets, adds, and changes JSON, and says what rows became'),
  has('Mutations', 'update_many', 'mutations › of many does them in order, with a response for each'),
  has('Mutations', 'delete', 'mutations › returns rows as they were, with what is left of their relationships'),
  has('Mutations', 'one transaction', 'mutations › is one transaction, in the order of its fields'),
  has(
    'Mutations',
    'checks and presets',
    'mutation-permissions › checks every row, also through relationships, and takes all of them back',
  ),
  has(
    'Mutations',
    'backend_only',
    'mutation-permissions › shows what is for backends only to backends only, also where it is nested',
  ),
  has(
    'Subscriptions',
    'live queries, multiplexed',
    'subscriptions/live-queries › serves many subscribers with different variables by one statement for each poll',
  ),
  has(
    'Subscriptions',
    'streams with cursors',
    'subscriptions/streams › sends what comes after its cursor in batches, and never an empty one',
  ),
  differs(
    'Subscriptions',
    'errors of Postgres while a subscription runs',
    'its message and code, as for queries; Hasura says "database query error"',
    'subscriptions/live-queries › tells when a poll fails because of new data, and when it works again',
  ),
  has('Subscriptions', 'both sub-protocols', 'subscriptions/protocols › runs everything; sub-protocol offered: %s'),
  has('Requests', 'fragments and directives', 'select › may use fragments, inline fragments and directives'),
  has('Requests', 'operationName', 'select › run the operation that operationName says'),
  differs(
    'Requests',
    'a column of arrays of JSON (json[]), its items written as strings in the document',
    'read as the JSON that they hold; those that hold none are strings, which Hasura refuses',
    'mutation-types › reads strings among the JSON items of a document as the JSON that they hold',
  ),
  has('Requests', 'batches', 'select › come in batches, whose mistakes stay with their request'),
  has(
    'Requests',
    'introspection',
    'introspection › gives clients and code generators a schema they can build and validate with',
  ),
  differs(
    'Requests',
    'String variables for uuid, timestamps, …',
    'taken; Hasura refuses them',
    'readme-queries › TraceCorrelationId finds everything of one correlation id, though it declares the uuid as a String',
  ),
  has('Requests', 'large numbers among variables', 'http › keeps the digits of numbers among the variables'),
  has('Requests', 'x-request-id', 'http › gives every answer the id of its request, or one of its own'),
  differs(
    'Requests',
    'bodies of other types than application/json',
    'read as JSON when a secret or token comes with them; else refused, as a page of another site may have sent them',
    'http › reads JSON that says so, and with a token any',
  ),
  has('Requests', '/v1alpha1/graphql', 'http › has the older address, whose errors have an HTTP status of their own'),
  differs(
    'Requests',
    'time_limit, rate_limit of api_limits',
    'Hasura has them in paid editions; requests are counted by each process for itself',
    'role-rules › bound the requests within a minute of a role, of each of its users, or of each address',
  ),
  differs(
    'Requests',
    'bounds of depth, fields, nesting',
    'Hasura has them in paid editions',
    'errors › refuses what is nested too deeply',
  ),
  has(
    'Metadata',
    'comments as descriptions; an empty one is none',
    'catalog › describes what it has by comments of the metadata, else of the database; an empty one is none',
  ),
  has('Metadata', 'prefixes and suffixes of a source', 'catalog › gives names the prefixes and suffixes of the source'),
  has(
    'Metadata',
    'inconsistent objects are left out and told',
    'catalog › leaves out what the database does not have, says so, and serves the rest',
  ),
  differs(
    'Metadata',
    'REST endpoints (/api/rest)',
    'a mutation cannot be called by GET; there is no OpenAPI page',
    'rest › takes variables from the URL, the query string and the body',
  ),
  has('Metadata', 'root field namespace', 'naming › holds queries and mutations'),
  has(
    'Metadata',
    'naming convention graphql-default (HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION)',
    'naming › is for fields, arguments, operators and types of queries',
  ),
  differs(
    'Metadata',
    'HASURA_GRAPHQL_EXPERIMENTAL_FEATURES',
    'those that hide fields are switches; naming conventions, inherited roles and streams need none; others are warned about',
    'naming › make schemas smaller, are on already, or are not known',
  ),
  lacks('Metadata', 'native queries, logical models', 'left out'),
  lacks('Metadata', 'actions, remote schemas, remote relationships', 'left out, with a warning'),
]

/** The page, as Markdown. */
export function conformancePage(features: readonly Feature[]): string {
  const areas = [...new Set(features.map(({ area }) => area))]
  const words = { yes: 'yes', differs: 'differs', no: 'no' }
  const row = ({ feature, supported, note, test }: Feature): string =>
    `| ${feature} | ${words[supported]}${note === undefined ? '' : `: ${note}`} | ${test === undefined ? '' : `\`test/graphql/${test.split(' › ')[0]}.test.ts\`: ${test.split(' › ')[1]}`} |`
  const section = (area: string): string =>
    [
      `## ${area}`,
      '',
      '| Feature | Supported | Tested by |',
      '|---|---|---|',
      ...features.filter(item => item.area === area).map(row),
    ].join('\n')
  return [
    '# What the GraphQL endpoint has of Hasura',
    '',
    'Made by `CONFORMANCE=write npx vitest run test/graphql/conformance.test.ts`; a test compares it. What differs from Hasura v2',
    'says how; what is not there says so. The texts of errors are those of `test/graphql/errors.test.ts`.',
    '',
    areas.map(section).join('\n\n'),
    '',
  ].join('\n')
}
