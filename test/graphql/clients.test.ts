import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import type { IntrospectionQuery } from 'graphql'
import { GraphQLClient } from 'graphql-request'
import { createClient } from 'graphql-ws'
import ts from 'typescript'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Endpoint, startEndpoint } from './support/endpoint.ts'
import { createLibrary, type Library } from './support/library.ts'

// The generator's two builds must not meet: all of it, and its graphql, as CommonJS.
const load = createRequire(import.meta.url)
const { preset } = load('@graphql-codegen/client-preset') as typeof import('@graphql-codegen/client-preset')
const { codegen } = load('@graphql-codegen/core') as typeof import('@graphql-codegen/core')
const { buildClientSchema, getIntrospectionQuery, parse, printSchema } = load('graphql') as typeof import('graphql')

// Each client as its own documentation sets it up; nothing is adapted to us.
const SECRET = { 'x-hasura-admin-secret': 'hush' }
const AGE = 'query ($id: Int!) { author_by_pk(id: $id) { name age } }'
const BIRTHDAY = 'mutation ($id: Int!) { update_author_by_pk(pk_columns: {id: $id}, _inc: {age: 1}) { age } }'
const WATCH = 'subscription ($id: Int!) { author_by_pk(id: $id) { age } }'

let library: Library
let endpoint: Endpoint
beforeAll(async () => {
  library = await createLibrary({ subscriptions: { live: { refetchIntervalMs: 50, batchSize: 100 } } })
  endpoint = await startEndpoint(library.engine, { auth: { adminSecret: 'hush', unauthorizedRole: null } })
})
beforeEach(() => library.database.pool.query('UPDATE author SET age = 40 WHERE id = 1'))
afterAll(async () => {
  await endpoint.stop()
  await library.database.drop()
})

const overWebSocket = () =>
  createClient({
    url: endpoint.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { headers: SECRET },
    retryAttempts: 0,
  })

describe('clients of Hasura work unchanged', () => {
  it('Apollo Client: query, mutation, subscription, errors', async () => {
    const socket = overWebSocket()
    const client = new ApolloClient({
      link: ApolloLink.split(
        ({ operationType }) => operationType === 'subscription',
        new GraphQLWsLink(socket),
        new HttpLink({ uri: endpoint.url, headers: SECRET }),
      ),
      cache: new InMemoryCache(),
    })
    const variables = { id: 1 }
    expect((await client.query({ query: gql(AGE), variables })).data).toEqual({
      author_by_pk: { __typename: 'author', name: 'Ann', age: 40 },
    })
    const ages: number[] = []
    const watching = client
      .subscribe<{ author_by_pk: { age: number } }>({ query: gql(WATCH), variables })
      .subscribe(({ data }) => ages.push(data?.author_by_pk.age ?? -1))
    await expect.poll(() => ages).toEqual([40])
    await client.mutate({ mutation: gql(BIRTHDAY), variables })
    await expect.poll(() => ages).toEqual([40, 41])
    watching.unsubscribe()
    await expect(client.query({ query: gql('{ author { nothing } }') })).rejects.toThrow("field 'nothing' not found")
    await socket.dispose()
  })

  it('graphql-request', async () => {
    const client = new GraphQLClient(endpoint.url, { headers: SECRET })
    expect(await client.request(AGE, { id: 1 })).toEqual({ author_by_pk: { name: 'Ann', age: 40 } })
    expect(await client.request(BIRTHDAY, { id: 1 })).toEqual({ update_author_by_pk: { age: 41 } })
    await expect(client.request('{ nothing }')).rejects.toMatchObject({
      response: { status: 200, errors: [{ extensions: { code: 'validation-failed' } }] },
    })
    expect(
      await client.batchRequests([{ document: '{ author_by_pk(id: 2) { name } }' }, { document: '{ __typename }' }]),
    ).toEqual([{ data: { author_by_pk: { name: 'Bob' } } }, { data: { __typename: 'query_root' } }])
  })

  it('graphql-ws: operations of every kind over one socket', async () => {
    const client = overWebSocket()
    const first = async (query: string) => {
      for await (const result of client.iterate({ query, variables: { id: 1 } })) return result.data
      return null
    }
    expect(await first(AGE)).toEqual({ author_by_pk: { name: 'Ann', age: 40 } })
    expect(await first(BIRTHDAY)).toEqual({ update_author_by_pk: { age: 41 } })
    const watching = client.iterate<{ author_by_pk: { age: number } }>({ query: WATCH, variables: { id: 1 } })
    expect((await watching.next()).value?.data).toEqual({ author_by_pk: { age: 41 } })
    await library.database.pool.query('UPDATE author SET age = 50 WHERE id = 1')
    expect((await watching.next()).value?.data).toEqual({ author_by_pk: { age: 50 } })
    await watching.return?.()
    const refused = client.iterate({ query: '{ nothing }' })
    await expect(refused.next()).rejects.toMatchObject([{ extensions: { code: 'validation-failed' } }])
    await client.dispose()
  })

  it('urql', async () => {
    const socket = overWebSocket()
    const client = new Client({
      url: endpoint.url,
      preferGetMethod: false,
      fetchOptions: { headers: SECRET },
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: sink => ({
              unsubscribe: socket.subscribe(
                { query, variables: variables as Record<string, unknown> },
                { ...sink, next: result => sink.next(result as Parameters<typeof sink.next>[0]) },
              ),
            }),
          }),
        }),
      ],
    })
    expect((await client.query(AGE, { id: 1 }).toPromise()).data).toMatchObject({ author_by_pk: { name: 'Ann' } })
    expect((await client.mutation(BIRTHDAY, { id: 1 }).toPromise()).data).toMatchObject({
      update_author_by_pk: { age: 41 },
    })
    const ages: number[] = []
    const watching = client.subscription(WATCH, { id: 1 }).subscribe(result => ages.push(result.data?.author_by_pk.age))
    await expect.poll(() => ages).toEqual([41])
    await client.mutation(BIRTHDAY, { id: 1 }).toPromise()
    await expect.poll(() => ages).toEqual([41, 42])
    watching.unsubscribe()
    const failed = await client.query('{ nothing }', {}).toPromise()
    expect(failed.error?.graphQLErrors[0]?.extensions.code).toBe('validation-failed')
    await socket.dispose()
  })

  it('GraphQL Code Generator: what it makes of the introspection type-checks, and finds mistakes', async () => {
    const client = new GraphQLClient(endpoint.url, { headers: SECRET })
    const schema = buildClientSchema(await client.request<IntrospectionQuery>(getIntrospectionQuery()))
    // Inside the repository, where the packages are that the generated code imports.
    const directory = await mkdtemp(path.join(process.cwd(), 'node_modules', '.codegen-test-'))
    try {
      const documents = `query Age($where: author_bool_exp!) { author(where: $where, order_by: [{age: desc_nulls_last}]) { name age articles { title meta } } }
        subscription News($from: bigint!) { article_stream(cursor: {initial_value: {id: $from}}, batch_size: 5) { id tags } }
        mutation Birthday($id: Int!, $by: author_inc_input) { update_author_by_pk(pk_columns: {id: $id}, _inc: $by) { age } }`
      const outputs = await preset.buildGeneratesSection({
        baseOutputDir: `${directory}/`,
        schema: parse(printSchema(schema)),
        schemaAst: schema,
        documents: [{ location: 'documents.graphql', document: parse(documents), rawSDL: documents }],
        config: { useTypeImports: true, scalars: { smallint: 'number' } },
        presetConfig: { fragmentMasking: false },
        plugins: [],
        pluginMap: {},
      })
      for (const output of outputs) await writeFile(output.filename, await codegen(output))
      const file = path.join(directory, 'use.ts')
      await writeFile(
        file,
        `import type { AgeQuery, AgeQueryVariables, BirthdayMutation, NewsSubscription } from './graphql.js'
        export const variables: AgeQueryVariables = { where: { age: { _gt: 3 }, articles: { title: { _ilike: '%a%' } } } }
        export const titles = (data: AgeQuery): string[] => data.author.flatMap(author => author.articles.map(article => article.title))
        export const name = (data: AgeQuery): string => data.author[0]!.name
        export const tags = (data: NewsSubscription): readonly string[] | null | undefined => data.article_stream[0]!.tags
        export const age = (data: BirthdayMutation): number | null | undefined => data.update_author_by_pk?.age
        export const wrong: AgeQueryVariables = { where: { nothing: 1 } }`,
      )
      const program = ts.createProgram([file], {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: [],
      })
      const complaints = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      // Everything fits but the last line.
      expect(complaints).toEqual([expect.stringContaining("'nothing' does not exist")])
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
    // A type checker starts on a machine that may be busy.
  }, 120_000)
})
