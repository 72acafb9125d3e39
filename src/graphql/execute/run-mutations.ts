import type { Pool } from '../../db/pool.ts'
import { withClient } from '../../db/with-client.ts'
import { arrayOf, pgType } from '../catalog/scalars.ts'
import type { TableName } from '../catalog/types.ts'
import { type Nested, type Selection, TRUE } from '../plan/nodes.ts'
import type { MutationField, MutationOutput } from '../plan/write-nodes.ts'
import { toStatement } from '../sql/statement.ts'
import { deleteStatement, updateStatement } from '../sql/write.ts'
import { MutationRun, type MutationRunOptions, type Written } from './mutation-run.ts'
import { runInsert } from './run-insert.ts'
import { inTransaction, leavesConnectionGood } from './transaction.ts'

/**
 * Runs the mutations of one request in order and in one transaction: all of them happen, or none. Returns the JSON text
 * of each.
 */
export async function runMutations(
  pool: Pool,
  fields: readonly MutationField[],
  options: Omit<MutationRunOptions, 'client'>,
): Promise<string[]> {
  return withClient(
    pool,
    client =>
      inTransaction(client, 'write', options.statementTimeoutMs, async () => {
        // Where Hasura puts them too: triggers and functions look there for who writes.
        await client.query(`SELECT set_config('hasura.user', $1, true)`, [JSON.stringify(options.session.variables)])
        return runFields(fields, new MutationRun({ ...options, client }))
      }),
    leavesConnectionGood,
  )
}

async function runFields(fields: readonly MutationField[], run: MutationRun): Promise<string[]> {
  const results: string[] = []
  for (const field of fields) results.push(await runField(field, run))
  return results
}

async function runField(field: MutationField, run: MutationRun): Promise<string> {
  switch (field.kind) {
    case 'insert': {
      const { insert, output } = field
      return answer(run, insert.table, await runInsert(run, insert, [], field.path), output)
    }
    case 'update': {
      const answers: string[] = []
      for (const update of field.updates) {
        const written =
          update.changes.length === 0
            ? { affected: 0, rows: [] }
            : await run.write(updateStatement(update, run.sqlOptions), null)
        answers.push(await answer(run, update.table, written, field.output))
      }
      return field.many ? `[${answers.join(',')}]` : (answers[0] ?? 'null')
    }
    case 'delete': {
      const written = await run.write(deleteStatement(field.table, field.where, run.sqlOptions), null)
      return answer(run, field.table, written, field.output)
    }
    case 'call':
      return (await run.read(toStatement(field.field, run.sqlOptions))) ?? 'null'
    default:
      return field satisfies never
  }
}

/** Rows are read as they were written; what is nested in them as the tables are after that. */
async function answer(run: MutationRun, table: TableName, written: Written, output: MutationOutput): Promise<string> {
  const read = (kind: 'one' | 'many', selections: readonly Selection[]): Promise<string | null> =>
    run.read(toStatement(writtenRows(kind, table, written.rows, selections), run.sqlOptions))
  if (output.kind === 'row') {
    return written.rows.length === 0 ? 'null' : ((await read('one', output.selections)) ?? 'null')
  }
  const entries: string[] = []
  for (const part of output.parts) {
    const json =
      part.kind === 'typename'
        ? JSON.stringify(part.name)
        : part.kind === 'affected_rows'
          ? String(written.affected)
          : written.rows.length === 0
            ? '[]'
            : await read('many', part.selections)
    entries.push(`${JSON.stringify(part.key)}:${json}`)
  }
  return `{${entries.join(',')}}`
}

function writtenRows(
  kind: 'one' | 'many',
  table: TableName,
  rows: readonly string[],
  selections: readonly Selection[],
): Nested {
  const type = arrayOf(pgType(table.schema, table.name))
  return {
    kind,
    key: '',
    selections,
    rows: {
      from: { kind: 'written', table, rows: { kind: 'constant', type, value: rows } },
      join: [],
      where: TRUE,
      distinctOn: [],
      orderBy: [],
      limit: null,
      offset: null,
      roleLimit: null,
    },
  }
}
