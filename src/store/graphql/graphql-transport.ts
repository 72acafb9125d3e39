import { hostname } from 'node:os'
import { quarantinedRow, type RefusedRow } from '../quarantine.ts'
import type { StoreRecord } from '../store-record.ts'
import type { Transport } from '../transport.ts'
import { GraphqlFailure } from './failures.ts'
import { Mutations } from './mutations.ts'
import { createSend, type EndpointOptions } from './send.ts'
import { createGraphqlWriteBatch } from './write-batch.ts'

export interface GraphqlTransportOptions extends EndpointOptions {
  /** What root fields and types of our source begin with. */
  prefix: string
  /** Most rows, and most bytes, in one request. */
  maxRequestRows: number
  maxRequestBytes: number
}

// What is kept of a refused row that cannot be sent whole.
const MAX_QUARANTINED_TEXT = 100_000

/** Through Hasura's mutations, for processes that cannot open connections to Postgres. */
export function graphqlTransport(
  options: GraphqlTransportOptions,
  instance: string = `${hostname()}:${process.pid}`,
): Transport {
  const send = createSend(options)
  const mutations = new Mutations(options.prefix)

  /** Whether it was put there. Rejects when that may work later. */
  async function put(row: object, json: string): Promise<boolean> {
    try {
      await send(mutations.quarantine(`${JSON.stringify(row).slice(0, -1)},"row":${json}}`))
      return true
    } catch (failure) {
      if (!(failure instanceof GraphqlFailure) || failure.reaction === 'wait' || failure.reaction === 'repeat')
        throw failure
      return false
    }
  }

  async function quarantine(record: StoreRecord, error: unknown): Promise<RefusedRow> {
    const { row: json, ...row } = quarantinedRow(record, error, instance)
    // Too large, too deep, or with keys that a JSON reader refuses: then as text, the beginning of it.
    const quarantined =
      (await put(row, json)) || (await put(row, JSON.stringify(json.slice(0, MAX_QUARANTINED_TEXT).toWellFormed())))
    return { record, error, quarantined }
  }

  return {
    packer: null,
    write: createGraphqlWriteBatch({
      send,
      mutations,
      maxRows: options.maxRequestRows,
      maxBytes: options.maxRequestBytes,
      quarantine,
    }),
    beat: ({ id, startedAt, endedAt, host, pid, version }) =>
      send(
        mutations.beat({
          id,
          started_at: startedAt.toISOString(),
          ended_at: endedAt?.toISOString() ?? null,
          host,
          pid,
          version,
        }),
      ),
    // Requests end by themselves, and nothing keeps the process alive between them.
    close: async () => {},
  }
}
