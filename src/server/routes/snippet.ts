import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { BROWSER_SNIPPET } from '../../package-files.ts'

/** `/observe.js`: the browser's part. Pages of other origins may load it; what it sends is another question. */
export async function snippetRoute(app: FastifyInstance): Promise<void> {
  const script = await readFile(BROWSER_SNIPPET)
  const packed = gzipSync(script, { level: 9 })
  app.get('/observe.js', async ({ headers }, reply) => {
    const mayPack = /\bgzip\b/.test(headers['accept-encoding'] ?? '')
    if (mayPack) reply.header('content-encoding', 'gzip')
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .header('vary', 'accept-encoding')
      .header('access-control-allow-origin', '*')
      .send(mayPack ? packed : script)
  })
}
