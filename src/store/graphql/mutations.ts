import type { Row } from '../copy.ts'
import { ALWAYS_WRITTEN, COLUMNS, type TableName, WRITE_ORDER } from '../tables.ts'

/** A mutation and its variables, as JSON text. */
export interface Mutation {
  query: string
  variables: string
}

/** Rows of one table, each as JSON text. */
export type EncodedRows = ReadonlyMap<TableName, readonly string[]>

/**
 * The mutations of the writer, for a source whose root fields and types begin with `prefix`. Each is one transaction, and
 * sent twice it has the effect of once. That an older version of a row replaces no newer one is the database's doing: see
 * docs/decisions/0010-writing-through-hasura.md.
 */
export class Mutations {
  readonly #prefix: string
  readonly #documents = new Map<string, string>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  write(rows: EncodedRows): Mutation {
    const tables = WRITE_ORDER.filter(table => rows.has(table))
    const key = tables.join()
    let query = this.#documents.get(key)
    if (query === undefined) {
      query = this.#document('ObservabilityWrite', tables.map(upsertOf))
      this.#documents.set(key, query)
    }
    const lists = tables.map(table => `"${table}":[${rows.get(table)?.join(',')}]`)
    return { query, variables: `{${lists.join(',')}}` }
  }

  /** `row` is that of `instances`; its heartbeat is the database's clock. */
  beat(row: {
    id: string
    started_at: string
    ended_at: string | null
    host: string
    pid: number
    version: string
  }): Mutation {
    // Without an end it tells none: what has ended stays so.
    const update = row.ended_at === null ? ['heartbeat_at'] : ['heartbeat_at', 'ended_at']
    const upsert = { table: 'instances', constraint: 'instances_pkey', update }
    return {
      query: this.#document('ObservabilityBeat', [upsert]),
      variables: `{"instances":[${JSON.stringify(row)}]}`,
    }
  }

  /** `row` is that of `quarantined_rows` as JSON text. */
  quarantine(row: string): Mutation {
    const upsert = {
      table: 'quarantined_rows',
      constraint: 'quarantined_rows_table_name_row_id_key',
      update: ['row', 'error_code', 'error_message', 'instance', 'created_at'],
    }
    return { query: this.#document('ObservabilityQuarantine', [upsert]), variables: `{"quarantined_rows":[${row}]}` }
  }

  // Names of constraints and columns are enum values: a source's prefix is not put before them.
  #document(name: string, upserts: readonly Upsert[]): string {
    const variables = upserts.map(({ table }) => `$${table}: [${this.#prefix}${table}_insert_input!]!`)
    const fields = upserts.map(
      ({ table, constraint, update }) =>
        `  ${this.#prefix}insert_${table}(objects: $${table}, ` +
        `on_conflict: {constraint: ${constraint}, update_columns: [${update.join(' ')}]}) { affected_rows }\n`,
    )
    return `mutation ${name}(${variables.join(', ')}) {\n${fields.join('')}}`
  }
}

interface Upsert {
  table: string
  constraint: string
  update: readonly string[]
}

// An event has one version only: one that is there already stays as it is.
const upsertOf = (table: TableName): Upsert => ({
  table,
  constraint: `${table}_pkey`,
  update: table === 'events' ? [] : Object.keys(COLUMNS[table]).filter(column => column !== 'id'),
})

/** A row as JSON text: what it has, and the columns that have to be written. Throws SyntaxError when a value is not JSON. */
export function encodeRow(table: TableName, row: Row): string {
  const types = COLUMNS[table] as Readonly<Record<string, string>>
  const parts: string[] = []
  for (const column in row) {
    const value = row[column]
    const type = types[column]
    if (type === undefined) continue
    if (value !== null && value !== undefined) {
      parts.push(`"${column}":${type === 'jsonb' ? jsonText(value) : JSON.stringify(value)}`)
    } else if (ALWAYS_WRITTEN.has(column)) parts.push(`"${column}":null`)
  }
  return `{${parts.join(',')}}`
}

// It is put among other JSON as it is, digit by digit, so it has to be whole.
function jsonText(value: unknown): string {
  const text = String(value)
  JSON.parse(text)
  return text
}
