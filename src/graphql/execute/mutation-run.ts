import type { PoolClient } from '../../db/pool.ts'
import type { TableName } from '../catalog/types.ts'
import { GraphqlError, type Path } from '../errors.ts'
import type { SqlOptions } from '../sql/compiler.ts'
import type { Statement } from '../sql/statement.ts'
import type { WriteResult } from '../sql/write.ts'
import { bind } from './bind.ts'
import { toGraphqlError } from './postgres-errors.ts'
import type { Session } from './session.ts'
import { boundNext, type Deadline } from './transaction.ts'

/** What was written: how many rows, with those of other tables, and its own rows as texts of whole rows. */
export interface Written {
  affected: number
  rows: string[]
}

/**
 * Told of the rows that a request inserted into a table, as the texts of whole rows, within the transaction that does so: what
 * it runs there happens with them or not at all.
 */
export type OnInserted = (client: PoolClient, table: TableName, rows: readonly string[]) => Promise<void>

export interface MutationRunOptions {
  readonly client: PoolClient
  readonly onInserted: OnInserted | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly session: Session
  readonly sqlOptions: SqlOptions
  readonly statementTimeoutMs: number | null
  readonly deadline: Deadline | null
}

/** The statements of one request's mutations, within its transaction. */
export class MutationRun {
  readonly sqlOptions: SqlOptions
  readonly #options: MutationRunOptions

  constructor(options: MutationRunOptions) {
    this.sqlOptions = options.sqlOptions
    this.#options = options
  }

  /**
   * Runs a statement that writes. Throws what Postgres refused with the place in the request, or `permission-error` when
   * the role's check does not hold for a row. `texts` are the columns that the statement was made to answer with.
   */
  async write(statement: Statement, path: Path | null): Promise<Written & { texts: (string | null)[] }> {
    const row = await this.#query<WriteResult & Record<`c${number}`, string | null>>(statement, path)
    if (!row.holds) {
      throw new GraphqlError('permission-error', 'check constraint of an insert/update permission has failed', path)
    }
    const texts: (string | null)[] = []
    for (let index = 0; `c${index}` in row; index++) texts.push(row[`c${index}`] ?? null)
    return { affected: row.affected, rows: [...row.rows], texts }
  }

  /** The same for a statement that inserts. */
  async insert(table: TableName, statement: Statement, path: Path): Promise<Written & { texts: (string | null)[] }> {
    const written = await this.write(statement, path)
    const { client, onInserted } = this.#options
    if (written.rows.length > 0) await onInserted?.(client, table, written.rows)
    return written
  }

  /** Runs a statement that answers with JSON text. */
  async read(statement: Statement): Promise<string | null> {
    return (await this.#query<{ root: string | null }>(statement, null)).root
  }

  async #query<R extends object>({ text, values }: Statement, path: Path | null): Promise<R> {
    const { client, variables, session, statementTimeoutMs, deadline } = this.#options
    const parameters = bind(values, variables, session)
    await boundNext(client, deadline, statementTimeoutMs)
    try {
      const { rows } = await client.query<R>({ text, values: [...parameters] })
      return rows[0] as R
    } catch (error) {
      throw toGraphqlError(error, statementTimeoutMs, path)
    }
  }
}
