import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { BROWSER_SNIPPET } from '../../package-files.ts'

/** `/observe.js`: the browser's part. Pages of other origins may load it; what it sends is another question. */
export async function snippetRoute(app: FastifyInstance): Promise<void> {
  const script = await readFile(BROWSER_SNIPPET, 'utf8')
  app.get('/observe.js', async (_request, reply) =>
    reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .header('access-control-allow-origin', '*')
      .send(script),
  )
}
