import type { Pool } from './pool.ts'

/**
 * A schema as readable text: tables with columns, constraints and indexes, views, functions, triggers. For people and for `diff`;
 * the migrations, not this, build a database. Daily partitions are left out: they differ from day to day.
 */
export async function readSchemaText(pool: Pool, schema: string): Promise<string> {
  const lines = async (sql: string): Promise<string[]> =>
    (await pool.query<{ line: string }>(sql, [schema])).rows.map(row => row.line)
  const sections: string[][] = []
  for (const sql of [TABLES, INDEXES, VIEWS, FUNCTIONS, TRIGGERS]) sections.push(await lines(sql))
  return `${sections.flat().join('\n\n')}\n`
}

const TABLES = `
  SELECT format(E'%s %I (\\n%s\\n)%s;%s', CASE c.relkind WHEN 'p' THEN 'PARTITIONED TABLE' ELSE 'TABLE' END, c.relname,
    (SELECT string_agg(format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
        CASE WHEN d.adbin IS NULL THEN ''
             WHEN a.attgenerated <> '' THEN ' GENERATED AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
             ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
        coalesce(' -- ' || col_description(c.oid, a.attnum), '')), E'\\n' ORDER BY a.attnum)
     FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), ''),
    (SELECT coalesce(string_agg(E'\\n  ' || conname || ' ' || pg_get_constraintdef(oid), '' ORDER BY conname), '')
     FROM pg_constraint WHERE conrelid = c.oid AND contype <> 'n')) AS line
  FROM pg_class c
  WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  ORDER BY c.relname`

const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid) || ';' AS line
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
  WHERE t.relnamespace = $1::text::regnamespace AND NOT t.relispartition AND NOT i.indisprimary
  ORDER BY t.relname, c.relname`

const VIEWS = `
  SELECT format(E'VIEW %I AS\\n%s', relname, pg_get_viewdef(oid)) AS line
  FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('v', 'm') ORDER BY relname`

const FUNCTIONS = `
  SELECT pg_get_functiondef(oid) || ';' AS line
  FROM pg_proc WHERE pronamespace = $1::text::regnamespace AND prokind IN ('f', 'p') ORDER BY proname`

const TRIGGERS = `
  SELECT pg_get_triggerdef(g.oid) || ';' AS line
  FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
  WHERE t.relnamespace = $1::text::regnamespace AND NOT t.relispartition AND NOT g.tgisinternal
  ORDER BY t.relname, g.tgname`
