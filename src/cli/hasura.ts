import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_SCHEMA, readServerConfig } from '../config.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { type AppliedMetadata, changeMetadata } from '../hasura/apply/apply.ts'
import { HasuraApi } from '../hasura/hasura-api.ts'
import { DEFAULT_PREFIX, readOwnMetadata } from '../hasura/own-metadata.ts'
import { METADATA_DIR, PACKAGE_ROOT } from '../package-files.ts'

const OPTIONS = {
  endpoint: { type: 'string' },
  'admin-secret': { type: 'string' },
  prefix: { type: 'string' },
  'no-prefix': { type: 'boolean' },
  'database-url': { type: 'string' },
  'database-url-env': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const

/** `hasura apply | remove`: puts our source into a running Hasura, or takes it out; exit code 1 when objects are inconsistent. */
export async function hasura([action, ...args]: string[]): Promise<void> {
  if (action !== 'apply' && action !== 'remove') mistake('needs apply or remove; see --help')
  const options = readOptions(args)
  const config = readServerConfig()
  const endpoint = options.endpoint ?? config.hasuraGraphqlEndpoint
  if (endpoint === null) mistake('needs --endpoint, or HASURA_GRAPHQL_ENDPOINT')
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    mistake('--endpoint takes an address like https://hasura.example.com')
  }
  const prefix = options['no-prefix'] ? '' : (options.prefix ?? DEFAULT_PREFIX)
  if (!/^(?:[_A-Za-z][_0-9A-Za-z]*)?$/.test(prefix)) {
    mistake('--prefix takes letters, digits and _, no digit first')
  }
  const own = await readOwnMetadata({
    directory: METADATA_DIR,
    exampleQueries: await readFile(path.join(PACKAGE_ROOT, 'model/example-queries.graphql'), 'utf8'),
    schema: { from: DEFAULT_SCHEMA, to: config.schema },
    prefix,
    databaseUrl:
      options['database-url'] ?? (options['database-url-env'] ? { from_env: options['database-url-env'] } : null),
  })
  const api = new HasuraApi(endpoint, options['admin-secret'] ?? config.hasuraAdminSecret)
  const dryRun = options['dry-run'] ?? false
  const result = await changeMetadata(api, own, { remove: action === 'remove', dryRun })
  for (const line of describeResult(action, result, { dryRun, prefix })) console.log(line)
  if (result.inconsistent.length > 0) process.exitCode = 1
}

/** What happened, and what to do next, in lines. */
export function describeResult(
  action: 'apply' | 'remove',
  { difference, inconsistent }: AppliedMetadata,
  { dryRun, prefix }: { dryRun: boolean; prefix: string },
): string[] {
  const lines = [...difference]
  if (difference.length === 0) lines.push('Nothing to change.')
  else if (dryRun) lines.push('', 'Nothing was changed: --dry-run.')
  else lines.push('', action === 'apply' ? 'Applied.' : 'Removed.')
  if (action === 'apply' && !dryRun && inconsistent.length === 0) {
    lines.push(
      `Try: query { ${prefix}invocations(limit: 3, order_by: {created_at: desc}) { id source_function status } }`,
    )
    if (prefix !== '') lines.push(`For the dashboard: OBSERVABILITY_GRAPHQL_PREFIX=${prefix}`)
  }
  if (inconsistent.length > 0) {
    lines.push('', 'Hasura finds inconsistent:')
    for (const { name, reason } of inconsistent) lines.push(`  ${name}: ${reason}`)
    lines.push(
      'Check that Hasura reaches the database (OBSERVABILITY_DB_URL for Hasura, or --database-url-env), and that it is migrated.',
    )
  }
  return lines
}

function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({ args, options: OPTIONS })
    if (values.prefix !== undefined && values['no-prefix']) mistake('takes --prefix or --no-prefix')
    if (values['database-url'] !== undefined && values['database-url-env'] !== undefined) {
      mistake('takes --database-url or --database-url-env')
    }
    return values
  } catch (cause) {
    if (cause instanceof ObservabilityError) throw cause
    throw new ObservabilityError('CONFIG_INVALID', `hasura: ${messageOf(cause)}; see --help`, { cause })
  }
}

function mistake(text: string): never {
  throw new ObservabilityError('CONFIG_INVALID', `hasura ${text}`)
}
