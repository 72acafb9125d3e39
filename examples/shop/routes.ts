import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import { isUuid } from '../../src/correlation/uuid.ts'
import { ObservabilityError } from '../../src/errors.ts'
import { placeOrder } from './place-order.ts'
import { readOrder, readProducts } from './read-order.ts'
import type { Shop } from './shop.ts'
import { readStorefront } from './storefront.ts'

export interface ShopRoutesOptions {
  shop: Shop
  /** The invocation that the order's first change fired, as soon as it is recorded. @default always null */
  findRootInvocation?: (orderId: string) => Promise<string | null>
}

/** The shop's pages: `GET /shop`, `GET /shop/products`, `POST /shop/orders`, `GET /shop/orders/:id`. */
export const shopRoutes: FastifyPluginAsync<ShopRoutesOptions> = async (app: FastifyInstance, options) => {
  const { shop, findRootInvocation = async () => null } = options

  const storefront = await readStorefront()
  app.get('/shop', async (_request, reply) =>
    reply
      .header('content-security-policy', storefront.contentSecurityPolicy)
      .type('text/html; charset=utf-8')
      .send(storefront.html),
  )

  app.get('/shop/products', async () => ({ products: await readProducts(shop) }))

  app.post('/shop/orders', async (request, reply) => {
    try {
      const order = await placeOrder(shop, request.body)
      return reply.code(201).header('location', `/shop/orders/${order.orderId}`).send(order)
    } catch (error) {
      if (!(error instanceof ObservabilityError) || error.code !== 'PAYLOAD_INVALID') throw error
      return refuse(reply, 400, error.message)
    }
  })

  app.get<{ Params: { id: string } }>('/shop/orders/:id', async (request, reply) => {
    const { id } = request.params
    const order = isUuid(id) ? await readOrder(shop, id) : null
    if (!order) return refuse(reply, 404, `there is no order ${id}`)
    return { ...order, rootInvocationId: await findRootInvocation(order.id) }
  })
}

function refuse(reply: FastifyReply, statusCode: 400 | 404, message: string): FastifyReply {
  return reply.code(statusCode).send({ error: message })
}
