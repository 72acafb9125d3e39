import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Delivery {
  /** The body's very text. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: assertions reach deep into it
  body: any
  headers: http.IncomingHttpHeaders
  at: number
}

export type Reply = { status?: number; headers?: Record<string, string>; body?: string; afterMs?: number }

export interface WebhookReceiver {
  url: string
  deliveries: Delivery[]
  /** Decides the next answers; by default each delivery gets a 200 at once. */
  reply: (delivery: Delivery) => Reply | Promise<Reply>
  /** Resolves when so many deliveries have arrived. */
  waitFor(count: number): Promise<void>
  close(): Promise<void>
}

/** A real HTTP server that keeps what it is sent. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const delivery = { text, body: JSON.parse(text), headers: request.headers, at: Date.now() }
    receiver.deliveries.push(delivery)
    const reply = await receiver.reply(delivery)
    if (reply.afterMs) await new Promise(resolve => setTimeout(resolve, reply.afterMs))
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? '')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    deliveries: [],
    reply: () => ({}),
    async waitFor(count) {
      const deadline = Date.now() + 15_000
      while (receiver.deliveries.length < count) {
        if (Date.now() > deadline) throw new Error(`${receiver.deliveries.length} of ${count} deliveries arrived`)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return receiver
}
