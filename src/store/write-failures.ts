import { isConnectionError } from '../db/connection-errors.ts'
import { NotBinaryError } from '../db/copy-binary.ts'

/**
 * What to do when a write fails:
 *
 *   refuse      the values are at fault: find the row, quarantine it, store the others
 *   overwrite   a row is there already, or has no binary form: write the batch as an upsert, whose values are text
 *   repeat      another transaction was in the way: once more, at once
 *   wait        the server is not able now, or somebody has to act: keep the rows, say so once, try with growing pauses
 */
export type Reaction = 'refuse' | 'overwrite' | 'repeat' | 'wait'

export interface WriteFailure {
  reaction: Reaction
  /** What is wrong and what helps; the server's own message follows. docs/operations.md has the long form. */
  advice: string
}

const refuse = (advice: string): WriteFailure => ({ reaction: 'refuse', advice })
const wait = (advice: string): WriteFailure => ({ reaction: 'wait', advice })

const SCHEMA_DIFFERS = wait(
  'the tables are not those of this version; run `hasura-observability migrate up`, or start the newer version',
)
const NO_ACCESS = wait('the database does not let this user in; correct user and password, or its rights')
const NO_CONNECTION = wait('no connection to the database')

// COPY's binary values must be of exactly the column's type; as text they may fit one that was changed.
const OTHER_TYPE: WriteFailure = { reaction: 'overwrite', advice: 'a column is of another type than in this version' }
const COPY_FAILURES: Readonly<Record<string, WriteFailure>> = {
  '08P01': OTHER_TYPE,
  '22P02': OTHER_TYPE,
  '22P03': OTHER_TYPE,
}

// By SQLSTATE, or by its first two characters: its class.
const FAILURES: Readonly<Record<string, WriteFailure>> = {
  '21': refuse('two versions of a row in one statement'),
  '22': refuse('a value does not fit its column'),
  '23': refuse('a row breaks a constraint'),
  '23505': { reaction: 'overwrite', advice: 'a row is stored already' },
  '44': refuse('a row breaks the check of a view'),
  '54': refuse('a value is too large for Postgres'),
  P0: refuse('a trigger of yours refused a row'),
  '40': { reaction: 'repeat', advice: 'another transaction was in the way' },
  '08': NO_CONNECTION,
  '57P01': NO_CONNECTION,
  '57P02': NO_CONNECTION,
  '57P03': wait('the database is starting or stopping'),
  '57014': wait('the database took longer than the statement timeout, or somebody cancelled the write'),
  '55': wait('the database takes no connections now, or a table is locked'),
  '25006': wait('the database is read-only: a standby, or one that was told so; rows wait for a primary'),
  '53': wait('the database lacks resources'),
  '53100': wait('the disk of the database is full; make room, writing then goes on by itself'),
  '53300': wait('the database has no connection left; raise max_connections or lower database.max'),
  '28': NO_ACCESS,
  '42501': NO_ACCESS,
  '3D': wait('the database does not exist'),
  '3F': SCHEMA_DIFFERS,
  '42': SCHEMA_DIFFERS,
}

const UNKNOWN = wait('the database failed in an unexpected way')

/**
 * Judges what a write was rejected with, `byCopy` if COPY was part of it. Errors that are in no class of the table keep the
 * rows: nothing is lost by waiting.
 */
export function writeFailure(error: unknown, byCopy = false): WriteFailure {
  const code = sqlState(error)
  if (byCopy && code !== null && code in COPY_FAILURES) return COPY_FAILURES[code] as WriteFailure
  if (code !== null)
    return FAILURES[code] ?? FAILURES[code.slice(0, 2)] ?? (isConnectionError(error) ? NO_CONNECTION : UNKNOWN)
  if (isConnectionError(error)) return NO_CONNECTION
  if (error instanceof NotBinaryError) return { reaction: 'overwrite', advice: 'a value has no binary form' }
  // Thrown here, while the row was made into text.
  if (error instanceof TypeError || error instanceof RangeError) return refuse('a value cannot be written as text')
  return UNKNOWN
}

/** The SQLSTATE of an error of Postgres. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
}
