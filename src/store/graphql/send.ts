import type { GraphQLClient } from 'graphql-request'
import { messageOf } from '../../errors.ts'
import { answeredFailure, GraphqlFailure, NO_TOKEN, thrownFailure } from './failures.ts'
import type { Mutation } from './mutations.ts'

export interface EndpointOptions {
  /** Complete address, with `/v1/graphql`. */
  url: string
  /** Sent with each request, secrets among them. */
  headers: Readonly<Record<string, string>>
  /** Asked before each request, because tokens expire; null without. */
  token: string | (() => string | Promise<string>) | null
  /** Longest wait for an answer, in milliseconds. */
  timeoutMs: number
}

/** Sends a mutation; resolves when it is committed, rejects with a GraphqlFailure. */
export type SendMutation = (mutation: Mutation) => Promise<void>

/** The client is loaded at the first request, so that nobody else pays for it. */
export function createSend({ url, headers, token, timeoutMs }: EndpointOptions): SendMutation {
  let client: Promise<GraphQLClient> | undefined

  async function connect(): Promise<GraphQLClient> {
    const { GraphQLClient } = await import('graphql-request')
    return new GraphQLClient(url, { headers, jsonSerializer: { parse: JSON.parse, stringify: toBody } })
  }

  return async ({ query, variables }) => {
    const authorization = await readToken(token)
    client ??= connect()
    const open = await client
    try {
      await open.rawRequest({
        query,
        variables: new JsonVariables(variables),
        requestHeaders: authorization,
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (error) {
      const response = responseOf(error)
      // The client's own message holds the whole request, payloads and all: it must get no further.
      throw response === null ? thrownFailure(error, timeoutMs) : answeredFailure(response.status, response.errors)
    }
  }
}

async function readToken(token: EndpointOptions['token']): Promise<Record<string, string>> {
  if (token === null) return {}
  try {
    const text: unknown = typeof token === 'string' ? token : await token()
    // Said here, because fetch would say it with the token in it.
    if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw new TypeError('it is no token')
    return { authorization: `Bearer ${text}` }
  } catch (error) {
    throw new GraphqlFailure(NO_TOKEN, messageOf(error))
  }
}

/** Variables that are JSON text already. */
class JsonVariables {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get text(): string {
    return this.#text
  }

  /** For whoever shows a request: the client does, in the message of its error. */
  toJSON(): string {
    return '[rows]'
  }
}

function toBody(value: unknown): string {
  const { query, variables } = value as { query: string; variables: JsonVariables }
  return `{"query":${JSON.stringify(query)},"variables":${variables.text}}`
}

function responseOf(error: unknown): { status: number; errors?: unknown } | null {
  const response = error instanceof Error ? (error as { response?: unknown }).response : undefined
  return typeof response === 'object' && response !== null && 'status' in response
    ? (response as { status: number; errors?: unknown })
    : null
}
