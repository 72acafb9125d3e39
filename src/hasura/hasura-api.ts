import { messageOf, ObservabilityError } from '../errors.ts'
import { type HasuraAddress, hasuraAddress } from '../hasura-address.ts'
import { SECOND } from '../units.ts'

export interface HasuraMetadataDocument {
  resourceVersion: number
  /** Metadata v3 as Hasura exports it: more keys than we know, and none of them may get lost. */
  metadata: Record<string, unknown>
}

export interface InconsistentObject {
  name: string
  reason: string
  type: string
  /** What it is part of, as far as Hasura says so. */
  definition: unknown
}

/** What a GraphQL endpoint answered. */
export interface GraphqlAnswer {
  data?: unknown
  errors?: { message: string; extensions?: { code?: string; path?: string } }[]
}

const TIMEOUT_MS = 30 * SECOND

/**
 * The metadata and GraphQL API of a running Hasura. Throws HASURA_UNREACHABLE, HASURA_REFUSED (with Hasura's own message;
 * the code `access-denied` is a wrong or missing secret), and HASURA_CONFLICT when the metadata has changed meanwhile.
 */
export class HasuraApi {
  readonly address: HasuraAddress
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number

  constructor(endpoint: string, adminSecret: string | null, timeoutMs: number = TIMEOUT_MS) {
    this.address = hasuraAddress(endpoint)
    this.#headers = {
      'content-type': 'application/json',
      ...(adminSecret === null ? {} : { 'x-hasura-admin-secret': adminSecret }),
    }
    this.#timeoutMs = timeoutMs
  }

  async exportMetadata(): Promise<HasuraMetadataDocument> {
    const answer = await this.#metadata({ type: 'export_metadata', version: 2, args: {} })
    const { resource_version: resourceVersion, metadata } = answer
    if (typeof resourceVersion !== 'number' || !isObject(metadata) || metadata.version !== 3) {
      throw this.#notHasura('its exported metadata is not of version 3')
    }
    return { resourceVersion, metadata }
  }

  /** Replaces everything, if nothing has changed since `resourceVersion`. Inconsistent objects are stored too, and told. */
  async replaceMetadata({ metadata, resourceVersion }: HasuraMetadataDocument): Promise<InconsistentObject[]> {
    const answer = await this.#metadata({
      type: 'replace_metadata',
      version: 2,
      resource_version: resourceVersion,
      args: { allow_inconsistent_metadata: true, metadata },
    })
    return inconsistentObjects(answer)
  }

  async inconsistentObjects(): Promise<InconsistentObject[]> {
    return inconsistentObjects(await this.#metadata({ type: 'get_inconsistent_metadata', args: {} }))
  }

  /** What the endpoint answers, errors included: Hasura sends them with HTTP 200. */
  async graphql(query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    const { status, body } = await this.#post(this.address.graphql, { query, variables })
    if (!isObject(body) || !('data' in body || Array.isArray(body.errors))) {
      throw this.#notHasura(`${this.address.graphql} answered ${status} without data or errors`)
    }
    return body
  }

  async #metadata(request: object): Promise<Record<string, unknown>> {
    const { status, body } = await this.#post(this.address.metadata, request)
    if (status === 200 && isObject(body)) return body
    const error = isObject(body) && typeof body.error === 'string' ? body.error : null
    const code = isObject(body) && typeof body.code === 'string' ? body.code : null
    // Hasura gives each of its refusals a code.
    if (error === null || (status === 404 && code === null))
      throw this.#notHasura(`${this.address.metadata} answered ${status}`)
    if (status === 409) throw new ObservabilityError('HASURA_CONFLICT', `the metadata has changed meanwhile: ${error}`)
    const todo = code === 'access-denied' ? '. Check HASURA_GRAPHQL_ADMIN_SECRET or --admin-secret' : ''
    throw new ObservabilityError('HASURA_REFUSED', `Hasura refused (${code ?? status}): ${error}${todo}`, {
      cause: { code, status },
    })
  }

  async #post(address: string, body: object): Promise<{ status: number; body: unknown }> {
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      const text = await response.text()
      return { status: response.status, body: parseJson(text) }
    } catch (cause) {
      throw new ObservabilityError(
        'HASURA_UNREACHABLE',
        `no Hasura answers at ${address}: ${networkReason(cause)}. Check that it runs and that the address is right`,
        { cause },
      )
    }
  }

  #notHasura(what: string): ObservabilityError {
    return new ObservabilityError('HASURA_REFUSED', `this is no Hasura v2, or its metadata API is off: ${what}`, {
      cause: { code: 'no-hasura' },
    })
  }
}

/** Hasura's own code of a refusal, such as `access-denied`; `no-hasura` when it did not answer as one. */
export function refusalCode(error: unknown): string | null {
  if (!(error instanceof ObservabilityError) || error.code !== 'HASURA_REFUSED') return null
  return (error.cause as { code: string | null }).code
}

function inconsistentObjects(answer: Record<string, unknown>): InconsistentObject[] {
  const list = Array.isArray(answer.inconsistent_objects) ? answer.inconsistent_objects : []
  return list.filter(isObject).map(item => ({
    name: String(item.name ?? ''),
    reason: String(item.reason ?? ''),
    type: String(item.type ?? ''),
    definition: item.definition,
  }))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A proxy's page, say: told apart by its status.
    return null
  }
}

/** Why a fetch() failed, which hides the reason one level down, and for several addresses in a list. */
export function networkReason(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join(', ')
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(error)
}
