import { type Column, shown } from '../catalog/types.ts'
import { below, GraphqlError, invalid, type Path } from '../errors.ts'
import type { Value } from '../plan/nodes.ts'
import type { Assignment, Insert, InsertRow, NestedInsert } from '../plan/write-nodes.ts'
import { insertStatement, type RowValues } from '../sql/write.ts'
import type { MutationRun, Written } from './mutation-run.ts'

// A statement of Postgres takes 65,535 parameters, and those of conditions come on top.
const MAX_PARAMETERS = 30_000

/**
 * Inserts rows and, through relationships, those of other tables: first what a row refers to, then the row, then what
 * refers to it. `inherited` is what the row around decides. Errors carry the place in the arguments as in Hasura: the
 * list of rows when it is plain, else the row.
 */
export async function runInsert(
  run: MutationRun,
  insert: Insert,
  inherited: readonly Assignment[],
  path: Path,
): Promise<Written> {
  if (insert.rows.every(isPlain)) return insertPlain(run, insert, inherited, path)
  const all: Written = { affected: 0, rows: [] }
  for (const [index, row] of insert.rows.entries()) {
    add(all, await insertRelated(run, insert, row, inherited, [], below(path, index)))
  }
  return all
}

const isPlain = (row: InsertRow): boolean => row.before.length === 0 && row.after.length === 0

function add(to: Written, more: Written): void {
  to.affected += more.affected
  for (const row of more.rows) to.rows.push(row)
}

async function insertPlain(
  run: MutationRun,
  insert: Insert,
  inherited: readonly Assignment[],
  path: Path,
): Promise<Written> {
  for (const [index, row] of insert.rows.entries()) refuseDecided(row, inherited, below(path, index))
  const rows = insert.rows.map(row => merged(row.columns, inherited, insert.presets))
  const width = Math.max(1, ...rows.map(row => row.length))
  const size = Math.max(1, Math.floor(MAX_PARAMETERS / width))
  const all: Written = { affected: 0, rows: [] }
  for (let start = 0; start < rows.length; start += size) {
    const statement = insertStatement(insert, rows.slice(start, start + size), [], run.sqlOptions)
    add(all, await run.insert(insert.table, statement, path))
  }
  return all
}

/** One row with what hangs on it. `texts` are the values of the columns asked for; none when no row was written. */
async function insertRelated(
  run: MutationRun,
  insert: Insert,
  row: InsertRow,
  inherited: readonly Assignment[],
  asked: readonly Column[],
  path: Path,
): Promise<Written & { texts: (string | null)[] }> {
  refuseDecided(row, inherited, path)
  for (const related of row.before) refuseDecidedTwice(related, row, inherited, path)
  let affected = 0
  const decided: Assignment[] = []
  for (const { relationship, join, insert: other } of row.before) {
    const at = below(path, relationship)
    const [single] = other.rows as [InsertRow]
    const columns = join.map(({ to }) => to)
    const written = await insertRelated(run, other, single, [], columns, below(at, 'data'))
    affected += written.affected
    if (written.rows.length === 0) {
      refuse(`object relation "${relationship}" since insert to table "${shown(other.table)}"`, at)
    }
    for (const [index, { from }] of join.entries()) decided.push(assign(from, written.texts[index] ?? null))
  }

  const columns = [...new Set([...asked, ...row.after.flatMap(({ join }) => join.map(({ from }) => from))])]
  const values = merged(row.columns, [...decided, ...inherited], insert.presets)
  const own = await run.insert(insert.table, insertStatement(insert, [values], columns, run.sqlOptions), path)
  affected += own.affected
  if (row.after.length > 0 && own.rows.length === 0) {
    refuse(`array relations since insert to table "${shown(insert.table)}"`, path)
  }
  const textOf = (column: Column): string | null => own.texts[columns.indexOf(column)] ?? null
  for (const { relationship, join, insert: other } of row.after) {
    const handedOn = join.map(({ from, to }) => assign(to, textOf(from)))
    affected += (await runInsert(run, other, handedOn, below(path, relationship, 'data'))).affected
  }
  return { affected, rows: own.rows, texts: asked.map(textOf) }
}

function assign(column: Column, text: string | null): Assignment {
  const value: Value = { kind: 'constant', type: column.type, value: text }
  return { column, value }
}

/** What one row gets: presets and what other rows decide win over what the client says. */
function merged(
  columns: readonly Assignment[],
  decided: readonly Assignment[],
  presets: readonly Assignment[],
): RowValues {
  const byColumn = new Map(columns.map(item => [item.column, item]))
  for (const item of presets) byColumn.set(item.column, item)
  for (const item of decided) byColumn.set(item.column, item)
  return [...byColumn.values()]
}

const overlapping = (columns: readonly Column[], decided: readonly Column[]): string =>
  columns
    .filter(column => decided.includes(column))
    .map(({ name }) => `"${name}"`)
    .join(', ')

const columnsOf = (assignments: readonly Assignment[]): Column[] => assignments.map(({ column }) => column)

function refuseDecided(row: InsertRow, inherited: readonly Assignment[], path: Path): void {
  const names = overlapping(columnsOf(row.columns), columnsOf(inherited))
  if (names === '') return
  invalid(`cannot insert ${names} columns as their values are already being determined by parent insert`, path)
}

function refuseDecidedTwice(
  { relationship, join }: NestedInsert,
  row: InsertRow,
  inherited: readonly Assignment[],
  path: Path,
): void {
  const given = [...columnsOf(inherited), ...columnsOf(row.columns)]
  const names = overlapping(
    join.map(({ from }) => from),
    given,
  )
  if (names === '') return
  invalid(
    `cannot insert object relationship "${relationship}" as ${names} column values are already determined`,
    below(path, relationship),
  )
}

function refuse(what: string, path: Path): never {
  throw new GraphqlError('not-supported', `cannot proceed to insert ${what} affects zero rows`, path)
}
