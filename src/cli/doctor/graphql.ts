import { ObservabilityError } from '../../errors.ts'
import { type GraphqlAnswer, HasuraApi, refusalCode } from '../../hasura/hasura-api.ts'
import { SOURCE_NAME } from '../../hasura/own-metadata.ts'
import { SECOND } from '../../units.ts'
import { action, type Finding, note, ok } from './finding.ts'

const TIMEOUT_MS = 10 * SECOND
const APPLY = 'run `hasura-observability hasura apply`'

/** Whether a Hasura serves what was recorded. */
export async function examineHasura(endpoint: string, adminSecret: string | null): Promise<Finding[]> {
  const api = new HasuraApi(endpoint, adminSecret, TIMEOUT_MS)
  try {
    const { errors } = await api.graphql('{ __typename }')
    if (accessDenied(errors)) return [noAccess(adminSecret, errors?.[0]?.message ?? '')]
    return [await judgeSource(api)]
  } catch (error) {
    if (!(error instanceof ObservabilityError)) throw error
    const [found = '', todo] = error.message.split(/\. (?=Check)/)
    return [action('graphql', found, todo ?? 'correct HASURA_GRAPHQL_ENDPOINT, or unset it')]
  }
}

async function judgeSource(api: HasuraApi): Promise<Finding> {
  try {
    const { metadata } = await api.exportMetadata()
    const sources = (metadata.sources ?? []) as { name?: unknown }[]
    if (!sources.some(source => source.name === SOURCE_NAME)) {
      return action('graphql', `Hasura does not know the source "${SOURCE_NAME}"`, APPLY)
    }
    const broken = (await api.inconsistentObjects()).filter(item => JSON.stringify(item).includes(SOURCE_NAME))
    const [first] = broken
    if (first) {
      return action(
        'graphql',
        `Hasura finds ${broken.length} of our objects inconsistent, first ${first.name}: ${first.reason}`,
        'set OBSERVABILITY_DB_URL for Hasura, too, migrate that database, then reload the metadata',
      )
    }
    return ok('graphql', `Hasura serves the source "${SOURCE_NAME}"`)
  } catch (error) {
    const code = refusalCode(error)
    // Not a role that may see metadata, or our embedded endpoint: what can be queried tells.
    if (code === null) throw error
    return judgeFields(await api.graphql('{ __schema { queryType { fields { name } } } }'))
  }
}

function judgeFields({ data }: GraphqlAnswer): Finding {
  const fields = (data as { __schema?: { queryType?: { fields?: { name: string }[] } } } | undefined)?.__schema
    ?.queryType?.fields
  if (fields?.some(({ name }) => name === SOURCE_NAME || name.endsWith('invocations'))) {
    return ok('graphql', 'the endpoint serves what was recorded')
  }
  return action('graphql', 'the endpoint has no field for invocations', APPLY)
}

function accessDenied(errors: GraphqlAnswer['errors']): boolean {
  return errors?.some(error => error.extensions?.code === 'access-denied') ?? false
}

function noAccess(adminSecret: string | null, message: string): Finding {
  return adminSecret === null
    ? note(
        'graphql',
        'the endpoint answers, and wants a secret',
        'set HASURA_GRAPHQL_ADMIN_SECRET to have its metadata looked at',
      )
    : action('graphql', `the endpoint refuses the admin secret: ${message}`, 'correct HASURA_GRAPHQL_ADMIN_SECRET')
}
