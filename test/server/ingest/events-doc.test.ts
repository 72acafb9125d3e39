import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../../src/config.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { storedEvents } from './support.ts'

/** A block of commands in a document, and the lines below it that say what it answers. */
interface Example {
  commands: string
  answers: unknown[]
}

const examples = examplesOf(readFileSync('docs/events.md', 'utf8'))

describe('the commands in docs/events.md', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ shop: false, shopDbUrl: null })
  })
  afterAll(() => server.stop())

  it.each(examples.filter(({ commands }) => !commands.includes('API_KEYS')))(
    'answer what the document says: $commands',
    async ({ commands, answers }) => {
      expect(answers).not.toEqual([])
      expect(await run(commands, server)).toEqual(answers)
    },
  )

  it('have stored what they send', async () => {
    const rows = await storedEvents(server)
    expect(rows.map(row => [row.event_type, row.event_name, row.ns]).sort()).toEqual([
      ['cdc', 'orders.update', 'default'],
      ['log', 'a', 'shop'],
      ['log', 'app.log', 'shop'],
      ['log', 'b', 'shop'],
      ['log', 'good', 'shop'],
      ['trace', 'GET /orders', 'checkout'],
      ['track', 'Order Placed', 'default'],
    ])
  })

  it('work with the key of the document, on a server that has it', async () => {
    const [example, ...others] = examples.filter(({ commands }) => commands.includes('API_KEYS'))
    expect(others).toEqual([])
    const [start = '', ...rest] = (example as Example).commands.split('\n')
    const keys = /^OBSERVABILITY_API_KEYS='(\S+)' npm start/.exec(start)?.[1]
    const keyed = await startTestServer({
      shop: false,
      shopDbUrl: null,
      ingest: readServerConfig({ OBSERVABILITY_API_KEYS: keys }).ingest,
    })
    try {
      expect(await run(rest.join('\n'), keyed)).toEqual(example?.answers)
      expect(await storedEvents(keyed)).toMatchObject([{ event_name: 'hello', ns: 'shop.web' }])
    } finally {
      await keyed.stop()
    }
  })
})

/** Runs commands as they are printed, but for the address, and gives each line of JSON they print. */
async function run(commands: string, { url }: TestServer): Promise<unknown[]> {
  expect(commands).toContain('http://localhost:3000')
  const { stdout } = await promisify(execFile)('sh', [
    '-ec',
    commands.replaceAll('http://localhost:3000', url).replaceAll('curl http', "curl -sS -w '\\n' http"),
  ])
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

function examplesOf(document: string): Example[] {
  return [...document.matchAll(/```bash\n([\s\S]*?)```/g)]
    .map(([, block = '']) => {
      const lines = block.trim().split('\n')
      return {
        commands: lines.filter(line => !line.startsWith('# ')).join('\n'),
        answers: lines
          .filter(line => line.startsWith('# '))
          .map(line => JSON.parse(line.slice(2), (_, value) => (value === '…' ? expect.anything() : value))),
      }
    })
    .filter(({ commands }) => commands.includes('curl'))
}
