import type { MetadataRelationship } from '../../hasura/metadata.ts'
import type { IntrospectedTable } from './introspect.ts'
import { isGraphqlName } from './names.ts'
import {
  type ColumnPair,
  columnNamed,
  describe,
  type Relationship,
  type Table,
  type TableName,
  tableKey,
} from './types.ts'

/** The relationship, or what is wrong with it. */
export function toRelationship(
  kind: 'object' | 'array',
  table: Table,
  metadata: MetadataRelationship,
  tables: ReadonlyMap<string, Table>,
  found: ReadonlyMap<string, IntrospectedTable>,
): Relationship | string {
  const { using } = metadata
  let remoteName: TableName
  let pairs: [string, string][]
  switch (using.kind) {
    case 'manual':
      remoteName = using.remote_table
      pairs = Object.entries(using.column_mapping)
      break
    case 'foreign_key': {
      const key = found.get(tableKey(table.name))?.foreignKeys.find(item => sameColumns(item.columns, using.columns))
      if (key === undefined) return `there is no foreign key on ${using.columns.join(', ')}`
      remoteName = { schema: key.schema, name: key.table }
      pairs = zip(key.columns, key.referencedColumns)
      break
    }
    case 'reverse_foreign_key': {
      remoteName = using.table
      const key = found
        .get(tableKey(using.table))
        ?.foreignKeys.find(
          item =>
            sameColumns(item.columns, using.columns) &&
            item.schema === table.name.schema &&
            item.table === table.name.name,
        )
      if (key === undefined) return `${describe(using.table)} has no foreign key on ${using.columns.join(', ')} to it`
      pairs = zip(key.referencedColumns, key.columns)
      break
    }
    default:
      return using satisfies never
  }
  if (!isGraphqlName(metadata.name)) return 'its name is not a GraphQL name'
  if (table.columns.has(metadata.name)) return 'a column has the same name'
  const remote = tables.get(tableKey(remoteName))
  if (remote === undefined) return `table ${describe(remoteName)} is not tracked`
  const columns: ColumnPair[] = []
  for (const [from, to] of pairs) {
    const here = columnNamed(table, from)
    const there = columnNamed(remote, to)
    if (here === undefined) return `column ${from} does not exist in ${describe(table.name)}`
    if (there === undefined) return `column ${to} does not exist in ${describe(remote.name)}`
    columns.push({ from: here, to: there })
  }
  return Object.freeze({
    kind,
    name: metadata.name,
    remote,
    columns: Object.freeze(columns),
    // Only a foreign key on NOT NULL columns promises that the object is there.
    nullable: using.kind !== 'foreign_key' || columns.some(pair => pair.from.nullable),
    insertOrder:
      kind === 'array' || using.kind === 'reverse_foreign_key'
        ? 'after_parent'
        : using.kind === 'manual'
          ? (using.insertion_order ?? 'before_parent')
          : 'before_parent',
    description: metadata.comment ?? null,
  })
}

const zip = (left: string[], right: string[]): [string, string][] => left.map((item, i) => [item, right[i] as string])

const sameColumns = (left: string[], right: string[]): boolean =>
  left.length === right.length && left.every(column => right.includes(column))
