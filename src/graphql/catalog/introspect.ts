import type { Pool } from '../../db/pool.ts'
import { type DatabaseEnumValue, readEnumValues } from './read-enum-values.ts'
import { type TableName, tableKey } from './types.ts'

/** What Postgres says about the relations and functions that the metadata mentions. */
export interface Introspection {
  tables: IntrospectedTable[]
  functions: IntrospectedFunction[]
}

export interface IntrospectedType {
  schema: string
  name: string
  isEnum: boolean
  /** Whether it is the row type of a table, or another composite type. */
  isComposite: boolean
  /** Of an array: its element type. */
  element: Omit<IntrospectedType, 'element'> | null
}

export interface IntrospectedTable {
  schema: string
  name: string
  comment: string | null
  columns: { name: string; type: IntrospectedType; notNull: boolean; writable: boolean; comment: string | null }[]
  primaryKey: string[] | null
  /** Of an enum table: its rows; null when it is none, or cannot be one. */
  enumValues: DatabaseEnumValue[] | null
  /** With the primary key. */
  uniqueConstraints: { name: string; columns: string[] }[]
  can: { insert: boolean; update: boolean; delete: boolean }
  foreignKeys: { columns: string[]; schema: string; table: string; referencedColumns: string[] }[]
}

export interface IntrospectedFunction {
  schema: string
  name: string
  comment: string | null
  volatile: boolean
  returnsSet: boolean
  /** The relation whose rows it returns; null for any other result. */
  returns: TableName | null
  returnsType: IntrospectedType
  arguments: { name: string; type: IntrospectedType; optional: boolean }[]
}

export async function readIntrospection(
  pool: Pool,
  tables: readonly TableName[],
  functions: readonly TableName[],
  enumTables: readonly TableName[] = [],
): Promise<Introspection> {
  const [tableRows, functionRows] = await Promise.all([
    pool.query<{ table: IntrospectedTable }>(TABLES, [JSON.stringify(tables)]),
    pool.query<{ function: IntrospectedFunction }>(FUNCTIONS, [JSON.stringify(functions)]),
  ])
  const enums = new Set(enumTables.map(tableKey))
  const found: IntrospectedTable[] = []
  for (const { table } of tableRows.rows) {
    found.push({ ...table, enumValues: enums.has(tableKey(table)) ? await readEnumValues(pool, table) : null })
  }
  return { tables: found, functions: functionRows.rows.map(row => row.function) }
}

const KIND = (type: string): string => `'isEnum', ${type}.typtype = 'e', 'isComposite', ${type}.typtype = 'c'`

// A domain is read as the type it is made from, as Hasura does.
const typeJson = (oid: string): string => `(
  SELECT json_build_object('schema', tn.nspname, 'name', ty.typname, ${KIND('ty')}, 'element',
    (SELECT json_build_object('schema', en.nspname, 'name', el.typname, ${KIND('el')})
     FROM pg_type el JOIN pg_namespace en ON en.oid = el.typnamespace
     WHERE el.oid = ty.typelem AND ty.typcategory = 'A'))
  FROM pg_type given
  JOIN pg_type ty ON ty.oid = CASE WHEN given.typtype = 'd' THEN given.typbasetype ELSE given.oid END
  JOIN pg_namespace tn ON tn.oid = ty.typnamespace
  WHERE given.oid = ${oid})`

const columnNames = (relation: string, numbers: string): string => `(
  SELECT json_agg(a.attname ORDER BY k.position)
  FROM unnest(${numbers}) WITH ORDINALITY AS k(number, position)
  JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`

const TABLES = `
SELECT json_build_object(
  'schema', n.nspname,
  'name', c.relname,
  'comment', obj_description(c.oid, 'pg_class'),
  'columns', (
    SELECT coalesce(json_agg(json_build_object(
      'name', a.attname, 'notNull', a.attnotnull, 'comment', col_description(c.oid, a.attnum),
      'writable', a.attidentity <> 'a' AND a.attgenerated = ''
        AND (c.relkind <> 'v' OR pg_column_is_updatable(c.oid, a.attnum, true)),
      'type', ${typeJson('a.atttypid')}) ORDER BY a.attnum), '[]')
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'primaryKey', (
    SELECT ${columnNames('c.oid', 'pk.conkey')} FROM pg_constraint pk WHERE pk.conrelid = c.oid AND pk.contype = 'p'),
  'uniqueConstraints', (
    SELECT coalesce(json_agg(json_build_object(
      'name', u.conname, 'columns', ${columnNames('c.oid', 'u.conkey')}) ORDER BY u.conname), '[]')
    FROM pg_constraint u WHERE u.conrelid = c.oid AND u.contype IN ('p', 'u')),
  'can', (
    SELECT json_build_object('insert', able & 8 <> 0, 'update', able & 4 <> 0, 'delete', able & 16 <> 0)
    FROM pg_relation_is_updatable(c.oid, true) AS able),
  'foreignKeys', (
    SELECT coalesce(json_agg(json_build_object(
      'columns', ${columnNames('c.oid', 'fk.conkey')},
      'schema', rn.nspname, 'table', rc.relname,
      'referencedColumns', ${columnNames('rc.oid', 'fk.confkey')}) ORDER BY fk.conname), '[]')
    FROM pg_constraint fk JOIN pg_class rc ON rc.oid = fk.confrelid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
    WHERE fk.conrelid = c.oid AND fk.contype = 'f')
) AS "table"
FROM (SELECT DISTINCT * FROM json_to_recordset($1::json) AS mentioned(schema text, name text)) AS wanted
JOIN pg_namespace n ON n.nspname = wanted.schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`

const FUNCTIONS = `
SELECT json_build_object(
  'schema', n.nspname,
  'name', p.proname,
  'comment', obj_description(p.oid, 'pg_proc'),
  'volatile', p.provolatile = 'v',
  'returnsSet', p.proretset,
  'returns', (
    SELECT json_build_object('schema', rn.nspname, 'name', rc.relname)
    FROM pg_type rt JOIN pg_class rc ON rc.oid = rt.typrelid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
    WHERE rt.oid = p.prorettype AND rc.relkind IN ('r', 'p', 'v', 'm', 'f')),
  'returnsType', ${typeJson('p.prorettype')},
  'arguments', (
    SELECT coalesce(json_agg(json_build_object(
      'name', coalesce(p.proargnames[argument.position], ''),
      'type', ${typeJson('argument.type')},
      'optional', argument.position > p.pronargs - p.pronargdefaults) ORDER BY argument.position), '[]')
    FROM unnest(p.proargtypes) WITH ORDINALITY AS argument(type, position))
) AS "function"
FROM (SELECT DISTINCT * FROM json_to_recordset($1::json) AS mentioned(schema text, name text)) AS wanted
JOIN pg_namespace n ON n.nspname = wanted.schema
JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = wanted.name AND p.prokind = 'f'`
