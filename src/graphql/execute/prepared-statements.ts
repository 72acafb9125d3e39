import { hash } from 'node:crypto'
import type { PoolClient } from '../../db/pool.ts'
import { RecentlyUsed } from '../plan-cache.ts'

/** How a statement is sent: with a name, Postgres parses and plans it once for each connection. */
export interface PreparedStatements {
  /** The name to send a text with; undefined: without one. */
  nameOf(client: PoolClient, text: string): Promise<string | undefined>
  /**
   * Whether an error says that what was prepared is not there, or is there already, which is what a pooler that changes the
   * connection between statements makes of names (PgBouncer in transaction mode). None are used from then on.
   */
  isOver(error: unknown): boolean
}

export const UNPREPARED: PreparedStatements = { nameOf: async () => undefined, isOver: () => false }

// What is asked once or twice costs less without a name.
const USES_BEFORE = 2
// 26000: there is no such prepared statement; 42P05: there is one already.
const LOST = new Set(['26000', '42P05'])

interface OfConnection {
  /** Names of texts, as long as they are prepared. */
  readonly names: Map<string, string>
  /** How often a text without a name was sent. */
  readonly uses: RecentlyUsed<number>
}

/** At most `max` of them on each connection; the one that was not used for longest makes room. */
export function preparedStatements(max: number): PreparedStatements {
  if (max === 0) return UNPREPARED
  const connections = new WeakMap<PoolClient, OfConnection>()
  let isOver = false

  async function forgetOldest(client: PoolClient, names: Map<string, string>): Promise<void> {
    const [oldest] = names
    if (oldest === undefined) return
    const [text, name] = oldest
    names.delete(text)
    // node-postgres remembers what it has prepared, for ever; what Postgres refused to prepare is not in it.
    const { connection } = client as unknown as { connection: { parsedStatements: Record<string, unknown> } }
    if (!Object.hasOwn(connection.parsedStatements, name)) return
    delete connection.parsedStatements[name]
    await client.query(`DEALLOCATE ${name}`)
  }

  return {
    async nameOf(client, text) {
      if (isOver) return undefined
      let of = connections.get(client)
      if (of === undefined) {
        of = { names: new Map(), uses: new RecentlyUsed(max * 4) }
        connections.set(client, of)
      }
      const known = of.names.get(text)
      if (known !== undefined) {
        // A Map keeps the order in which keys came: the first is the one not used for longest.
        of.names.delete(text)
        of.names.set(text, known)
        return known
      }
      const uses = (of.uses.get(text) ?? 0) + 1
      of.uses.set(text, uses)
      if (uses <= USES_BEFORE) return undefined
      if (of.names.size >= max) await forgetOldest(client, of.names)
      // Of the text, so that a name never means another one, whoever shares the connection behind a pooler.
      const name = `graphql_${hash('sha256', text).slice(0, 32)}`
      of.names.set(text, name)
      return name
    },
    isOver(error) {
      if (isOver || !(error instanceof Error) || !LOST.has(String((error as { code?: unknown }).code))) return false
      isOver = true
      return true
    },
  }
}
