import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { exportJWK, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthenticate } from '../../../src/graphql/auth/authenticate.ts'
import { parseJwtConfig } from '../../../src/graphql/auth/jwt-config.ts'
import { GraphqlError } from '../../../src/graphql/errors.ts'
import { type Endpoint, RawClient, startEndpoint } from '../support/endpoint.ts'
import { createLibrary, type Library } from '../support/library.ts'

const SECRET = 'a secret that is long enough for HS256, 384 and 512 and so on ……'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const NAMESPACE = 'https://hasura.io/jwt/claims'
const USER = { 'x-hasura-user-id': '1', 'x-hasura-default-role': 'user', 'x-hasura-allowed-roles': ['user', 'editor'] }

const hmac = new TextEncoder().encode(SECRET)
const sign = (
  payload: JWTPayload,
  {
    algorithm = 'HS256',
    key = hmac,
    expires = '1h',
    kid,
  }: { algorithm?: string; key?: Uint8Array | KeyObject; expires?: string | number | null; kid?: string } = {},
) => {
  const token = new SignJWT(payload).setProtectedHeader({ alg: algorithm, ...(kid === undefined ? {} : { kid }) })
  return (expires === null ? token : token.setExpirationTime(expires)).sign(key)
}
const claims = (values: object = USER): JWTPayload => ({ [NAMESPACE]: values })

const authenticator = (config: object, options: object = {}) =>
  createAuthenticate({
    adminSecret: 'hush',
    unauthorizedRole: null,
    jwt: parseJwtConfig(JSON.stringify({ type: 'HS256', key: SECRET, ...config })),
    ...options,
  })
const bearer = (token: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...more })
const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(GraphqlError)
  return [error.code, error.message]
}

describe('a token', () => {
  it('gives the default role, or one of the allowed that is asked for, and its session variables', async () => {
    const authenticate = authenticator({})
    const token = await sign(claims({ ...USER, 'X-Hasura-Org': 7 }))
    const { session, expiresAt } = await authenticate(
      bearer(token, { 'x-hasura-user-id': '99', 'x-hasura-other': 'x' }),
    )
    expect(session).toEqual({
      role: 'user',
      variables: { 'x-hasura-user-id': '1', 'x-hasura-org': '7', 'x-hasura-role': 'user' },
      backendOnly: false,
    })
    expect(expiresAt).toBeGreaterThan(Date.now() + 3_500_000)
    expect((await authenticate(bearer(token, { 'x-hasura-role': 'editor' }))).session.role).toBe('editor')
    expect(await failure(authenticate(bearer(token, { 'x-hasura-role': 'admin' })))).toEqual([
      'access-denied',
      'Your requested role is not in allowed roles',
    ])
  })

  it.each(['HS256', 'HS384', 'HS512'])('may be signed with %s', async algorithm => {
    const token = await sign(claims(), { algorithm })
    expect((await authenticator({ type: algorithm })(bearer(token))).session.role).toBe('user')
  })

  it.each(['RS256', 'RS384', 'RS512'])('may be signed with %s', async algorithm => {
    const token = await sign(claims(), { algorithm, key: rsa.privateKey })
    const authenticate = authenticator({ type: algorithm, key: PEM })
    expect((await authenticate(bearer(token))).session.role).toBe('user')
    const forged = await sign(claims(), { algorithm, key: otherRsa.privateKey })
    const invalid = ['invalid-jwt', 'Could not verify JWT: JWSError JWSInvalidSignature']
    expect(await failure(authenticate(bearer(forged)))).toEqual(invalid)
    // The public key is no secret: a token signed with it as one must not pass.
    const confused = await sign(claims(), { algorithm: 'HS256', key: new TextEncoder().encode(PEM) })
    expect(await failure(authenticate(bearer(confused)))).toEqual(invalid)
    const [, body] = token.split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    expect(await failure(authenticate(bearer(none)))).toEqual(invalid)
  })

  it('expires, give or take the allowed skew', async () => {
    const old = await sign(claims(), { expires: Math.floor(Date.now() / 1_000) - 30 })
    expect(await failure(authenticator({})(bearer(old)))).toEqual(['invalid-jwt', 'Could not verify JWT: JWTExpired'])
    expect((await authenticator({ allowed_skew: 60 })(bearer(old))).session.role).toBe('user')
    const endless = await sign(claims(), { expires: null })
    expect((await authenticator({})(bearer(endless))).expiresAt).toBeNull()
  })

  it('is for an audience and from an issuer, when those are configured', async () => {
    const token = await sign({ ...claims(), aud: ['app', 'web'], iss: 'idp' })
    const ask = (config: object) => authenticator(config)(bearer(token))
    for (const config of [{}, { audience: 'app' }, { audience: ['no', 'web'], issuer: 'idp' }]) {
      expect((await ask(config)).session.role).toBe('user')
    }
    expect(await failure(ask({ audience: 'no' }))).toEqual(['invalid-jwt', 'Could not verify JWT: JWTNotInAudience'])
    expect(await failure(ask({ issuer: 'no' }))).toEqual(['invalid-jwt', 'Could not verify JWT: JWTNotInIssuer'])
  })

  it.each([
    [
      { 'x-hasura-default-role': 'user' },
      'jwt-missing-role-claims',
      'JWT claim does not contain x-hasura-allowed-roles',
    ],
    [
      { 'x-hasura-allowed-roles': ['user'] },
      'jwt-missing-role-claims',
      'JWT claim does not contain x-hasura-default-role',
    ],
    [
      { ...USER, 'x-hasura-allowed-roles': 'user' },
      'jwt-invalid-claims',
      'invalid x-hasura-allowed-roles; should be a list of roles: parsing [] failed, expected Array, but encountered String',
    ],
    [{ ...USER, 'x-hasura-default-role': 7 }, 'jwt-invalid-claims', 'invalid x-hasura-default-role; should be a role'],
  ])('whose claims are %j is refused', async (values, code, message) => {
    expect(await failure(authenticator({})(bearer(await sign(claims(values)))))).toEqual([code, message])
  })

  it('has its claims in another namespace, at a path, as text, or mapped one by one', async () => {
    const role = async (config: object, payload: JWTPayload) =>
      (await authenticator(config)(bearer(await sign(payload)))).session
    expect((await role({ claims_namespace: 'mine' }, { mine: USER })).variables['x-hasura-user-id']).toBe('1')
    expect((await role({ claims_namespace_path: '$.a["b c"]' }, { a: { 'b c': USER } })).role).toBe('user')
    expect((await role({ claims_namespace_path: '$' }, USER)).role).toBe('user')
    const text = { [NAMESPACE]: JSON.stringify(USER) }
    expect((await role({ claims_format: 'stringified_json' }, text)).role).toBe('user')
    expect(await failure(role({}, text))).toMatchObject([
      'jwt-invalid-claims',
      expect.stringContaining('holds no object'),
    ])
    expect(await failure(role({ claims_format: 'stringified_json' }, claims()))).toMatchObject([
      'jwt-invalid-claims',
      expect.anything(),
    ])
    expect(await failure(role({ claims_namespace: 'none' }, {}))).toEqual([
      'jwt-invalid-claims',
      "claims key: 'none' not found",
    ])
    const map = {
      'x-hasura-allowed-roles': { path: '$.user.roles' },
      'X-Hasura-Default-Role': { path: '$.user.role', default: 'viewer' },
      'x-hasura-user-id': { path: '$.user.ids[1]' },
      'x-hasura-app': 'fixed',
    }
    expect(await role({ claims_map: map }, { user: { roles: ['viewer'], ids: [1, 'two'] } })).toEqual({
      role: 'viewer',
      variables: { 'x-hasura-user-id': 'two', 'x-hasura-app': 'fixed', 'x-hasura-role': 'viewer' },
      backendOnly: false,
    })
    expect(await failure(role({ claims_map: map }, { user: { roles: ['viewer'] } }))).toEqual([
      'jwt-invalid-claims',
      'claim x-hasura-user-id: nothing is at $.user.ids[1]',
    ])
  })

  it('may be in a cookie or a header of its own', async () => {
    const token = await sign(claims())
    const inCookie = authenticator({ header: { type: 'Cookie', name: 'auth' } })
    expect((await inCookie({ cookie: `a=b; auth=${token}` })).session.role).toBe('user')
    const inHeader = authenticator({ header: { type: 'CustomHeader', name: 'X-Token' } })
    expect((await inHeader({ 'x-token': token })).session.role).toBe('user')
    const missing = ['invalid-headers', "Missing 'Authorization' or 'Cookie' header in JWT authentication mode"]
    expect(await failure(inCookie(bearer(token)))).toEqual(missing)
    expect(await failure(authenticator({})({}))).toEqual(missing)
    expect(await failure(authenticator({})({ authorization: token }))).toEqual([
      'invalid-headers',
      'Malformed Authorization header',
    ])
    expect(await failure(authenticator({})(bearer('a.b.c')))).toMatchObject(['invalid-jwt', expect.anything()])
  })

  it('stands behind the admin secret and before the unauthorized role', async () => {
    const token = await sign(claims())
    const authenticate = authenticator({}, { unauthorizedRole: 'anonymous' })
    const secret = { 'x-hasura-admin-secret': 'hush' }
    expect((await authenticate(bearer(token, secret))).session.role).toBe('admin')
    expect((await authenticate({ 'x-hasura-user-id': '5' })).session).toEqual({
      role: 'anonymous',
      variables: { 'x-hasura-role': 'anonymous' },
      backendOnly: false,
    })
    const trusting = authenticator({}, { unauthorizedRole: 'anonymous', unauthorizedSessionVariables: true })
    expect((await trusting({ 'x-hasura-user-id': '5', 'x-hasura-role': 'admin' })).session).toMatchObject({
      role: 'anonymous',
      variables: { 'x-hasura-user-id': '5', 'x-hasura-role': 'anonymous' },
    })
    expect(await failure(authenticate(bearer(token, { 'x-hasura-admin-secret': 'no' })))).toEqual([
      'access-denied',
      'invalid x-hasura-admin-secret/x-hasura-access-key',
    ])
  })
})

describe('keys at an address', () => {
  let server: Server
  let address: string
  let isDown = false
  beforeAll(async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
    server = createServer((_request, response) => {
      if (isDown) response.writeHead(503).end()
      else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as { port: number }).port}/keys`
  })
  afterAll(() => server.close())

  it('are fetched, and a failure to do so is ours', async () => {
    const unexpected: unknown[] = []
    const jwt = parseJwtConfig(JSON.stringify({ jwk_url: address }))
    const make = () =>
      createAuthenticate({
        adminSecret: null,
        unauthorizedRole: null,
        jwt,
        onUnexpected: error => unexpected.push(error),
      })
    const token = await sign(claims(), { algorithm: 'RS256', key: rsa.privateKey, kid: 'one' })
    expect((await make()(bearer(token))).session.role).toBe('user')
    const unknown = await sign(claims(), { algorithm: 'RS256', key: rsa.privateKey, kid: 'two' })
    expect(await failure(make()(bearer(unknown)))).toEqual([
      'invalid-jwt',
      'Could not verify JWT: JWSError NoSuitableKey',
    ])
    expect(unexpected).toEqual([])
    isDown = true
    expect(await failure(make()(bearer(token)))).toEqual([
      'invalid-jwt',
      'Could not verify JWT: the keys at jwk_url cannot be read now',
    ])
    expect(unexpected.length).toBe(1)
  })
})

describe('the configuration of tokens', () => {
  it.each([
    ['{', /not JSON/],
    ['[]', /not a JSON object/],
    ['{}', /either key \(with type\) or jwk_url/],
    ['{"type":"HS256","key":"short"}', /at least 32 characters for HS256/],
    ['{"type":"RS256","key":"no pem"}', /as PEM/],
    [`{"type":"none","key":"${'x'.repeat(40)}"}`, /type: one of HS256/],
    [`{"type":"HS256","key":"${'x'.repeat(40)}","claims":1}`, /unknown key claims; known are type/],
    [`{"type":"HS256","key":"${'x'.repeat(40)}","claims_map":{}}`, /x-hasura-allowed-roles is missing/],
    ['{"jwk_url":"ftp://x"}', /jwk_url: an address/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseJwtConfig(text)).toThrow(message)
    expect(() => parseJwtConfig(text)).not.toThrow(/short|xxxx|no pem/)
  })
})

describe('the endpoint with tokens', () => {
  let library: Library
  let endpoint: Endpoint
  beforeAll(async () => {
    library = await createLibrary({ subscriptions: { live: { refetchIntervalMs: 50, batchSize: 100 } } })
    const jwt = parseJwtConfig(JSON.stringify({ type: 'HS256', key: SECRET }))
    endpoint = await startEndpoint(library.engine, { auth: { adminSecret: 'hush', unauthorizedRole: null, jwt } })
  })
  afterAll(async () => {
    await endpoint.stop()
    await library.database.drop()
  })

  it('answers over HTTP with status 200, and over a socket until the token expires', async () => {
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"query":"{ article(limit: 1) { title } }"}',
      })
      return [response.status, await response.json()]
    }
    expect(await ask(bearer(await sign(claims())))).toEqual([200, { data: { article: [{ title: 'Alpha' }] } }])
    expect(await ask({})).toEqual([
      200,
      {
        errors: [
          {
            message: "Missing 'Authorization' or 'Cookie' header in JWT authentication mode",
            extensions: { path: '$', code: 'invalid-headers' },
          },
        ],
      },
    ])
    const soon = await sign(claims(), { expires: Math.floor(Date.now() / 1_000) + 2 })
    const client = await new RawClient(endpoint.socketUrl).init({ headers: { Authorization: `Bearer ${soon}` } })
    client.subscribe('1', 'subscription { article(limit: 1) { title } }')
    expect((await client.next()).payload).toEqual({ data: { article: [{ title: 'Alpha' }] } })
    expect(await client.closed).toEqual({ code: 4403, reason: 'the token has expired' })
    expect(library.engine.subscriptions.subscribers).toBe(0)
  })
})
