import { createHash } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopRoutes } from '../../examples/shop/routes.ts'
import { createShop, type Shop, useShop } from '../../examples/shop/shop.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let shop: Shop
let app: FastifyInstance
const roots = new Map<string, string>()

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  shop = await createShop({ connectionString: database.url })
  app = Fastify()
  await app.register(shopRoutes, { shop, findRootInvocation: async id => roots.get(id) ?? null })
})
afterAll(async () => {
  await app.close()
  await shop.close()
  await database.drop()
})

const post = (body?: unknown) =>
  app.inject({ method: 'POST', url: '/shop/orders', ...(body === undefined ? {} : { payload: body as object }) })

describe('the storefront', () => {
  it('is one page without outside assets, whose policy allows exactly its own script and style', async () => {
    const page = await app.inject('/shop')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('Place order')
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//)
    const script = /<script>(.*)<\/script>/s.exec(page.body)?.[1] ?? ''
    const hash = createHash('sha256').update(script).digest('base64')
    expect(page.headers['content-security-policy']).toContain(`script-src 'sha256-${hash}'`)
  })

  it('lists products with price and stock', async () => {
    const { products } = (await app.inject('/shop/products')).json()
    expect(products).toHaveLength(6)
    expect(products[0]).toEqual({
      sku: 'KETTLE-1L',
      name: 'Gooseneck kettle',
      description: expect.any(String),
      priceCents: 4900,
      available: 40,
      backOrdered: false,
    })
  })
})

describe('orders', () => {
  it('are placed by a post, with or without a body', async () => {
    for (const body of [undefined, {}, { scenario: 'carrier_retry', items: [{ sku: 'MUG-STONE', quantity: 2 }] }]) {
      const answer = await post(body)
      expect(answer.statusCode).toBe(201)
      const placed = answer.json()
      expect(answer.headers.location).toBe(`/shop/orders/${placed.orderId}`)
      const seen = (await app.inject(`/shop/orders/${placed.orderId}`)).json()
      expect(seen).toMatchObject({
        id: placed.orderId,
        number: placed.orderNumber,
        status: 'placed',
        totalCents: placed.totalCents,
        payment: null,
        shipment: null,
        settled: false,
        rootInvocationId: null,
      })
    }
  })

  it('tell their root invocation once it is known', async () => {
    const { orderId } = (await post({})).json()
    roots.set(orderId, 'an-invocation')
    expect((await app.inject(`/shop/orders/${orderId}`)).json().rootInvocationId).toBe('an-invocation')
  })

  it.each([
    [{ items: [{ sku: 'GOLD', quantity: 1 }] }, 'there is no product "GOLD"; the shop has COFFEE-YIRG, KETTLE-1L'],
    [{ customerId: '0190a000-0000-7000-8000-000000000099' }, 'leave customerId out'],
    [{ scenario: 'free' }, 'must be one of typical'],
  ])('refuse %j with a message', async (body, message) => {
    const answer = await post(body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error).toContain(message)
  })

  it('are not found under other ids', async () => {
    for (const id of ['nonsense', '0190a000-0000-7000-8000-000000000099']) {
      expect((await app.inject(`/shop/orders/${id}`)).statusCode).toBe(404)
    }
  })
})

describe('opening the shop', () => {
  it('can be done again, and twice at once, without changing what is there', async () => {
    await shop.pool.query(`UPDATE inventory SET on_hand = 7 WHERE sku = 'KETTLE-1L'`)
    const others = await Promise.all([1, 2].map(() => createShop({ connectionString: database.url })))
    const { rows } = await shop.pool.query(`SELECT on_hand FROM inventory WHERE sku = 'KETTLE-1L'`)
    expect(rows).toEqual([{ on_hand: 7 }])
    await Promise.all(others.map(other => other.close()))
    expect(() => useShop()).toThrow('no shop is open')
  })
})
