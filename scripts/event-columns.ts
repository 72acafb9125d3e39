/**
 * What is generated from model/unified-event.columns.csv: the TypeScript type and list of columns, the page of the
 * documentation, and what the viewer's role may read. Pure; generate-events.ts writes the files, a test compares them.
 */

export interface EventColumn {
  name: string
  /** One of the 23 groups. */
  group: string
  postgresType: string
  required: boolean
  description: string
}

/** Reads the list of columns, in its order. Throws when a line is not of its form. */
export function readColumns(csv: string): EventColumn[] {
  const lines = csv.trim().split('\n').slice(1)
  return lines.map((line, index) => {
    const fields = [...line.matchAll(/"((?:[^"]|"")*)"|([^,]+)/g)].map(match => match[1] ?? (match[2] as string))
    const [position, name, group, , postgresType, nullable, description] = fields
    if (Number(position) !== index + 1 || !name || !group || !postgresType || !nullable || !description) {
      throw new Error(
        `line ${index + 2} of the list of columns is not position, name, group, types, nullable, description`,
      )
    }
    // The table asks for a time, which the source may lack: then it is the time of arrival.
    return { name, group, postgresType, required: nullable === 'no' || name === 'timestamp', description }
  })
}

/** Payloads and personal data, which the role `observability_viewer` does not see. */
const HIDDEN_FROM_VIEWER = new Set([
  ...[
    'actor_id',
    'actor_name',
    'anonymous_id',
    'error_stack',
    'http_url',
    'http_query',
    'http_referrer',
    'page_search',
  ],
  ...['db_statement', 'db_before', 'db_after', 'replay_data', 'data', 'attributes', 'context', 'properties', 'traits'],
])

const TYPES: Readonly<Record<string, string>> = {
  text: 'string',
  timestamptz: 'Timestamp',
  date: 'string',
  jsonb: 'Json',
  boolean: 'boolean',
  integer: 'number',
  smallint: 'number',
  'double precision': 'number',
  bigint: 'Whole',
}

/** The text of src/event/unified-event.ts. */
export function typescriptOf(columns: readonly EventColumn[]): string {
  const fields = groupsOf(columns).flatMap(([group, members]) => [
    `  // ${group}`,
    ...members.flatMap(({ name, postgresType, required, description }) => [
      `  /** ${description}. */`,
      `  ${name}${required ? '' : '?'}: ${TYPES[postgresType]}${required ? '' : ' | null'}`,
    ]),
  ])
  return `// Generated from model/unified-event.columns.csv by \`npm run events:generate\`; a test compares them.

/** An instant as Postgres reads it, in UTC: \`2026-11-21T10:20:30.123456Z\`. */
export type Timestamp = string
/** A whole number; beyond 2^53 as bigint or as decimal text, so that it stays exact. */
export type Whole = number | bigint | string
/** Whatever JSON can hold, not yet as text. */
export type Json = unknown

/** Everything that happened, of every kind: one row of \`events\`, ${columns.length} columns. */
export interface UnifiedEvent {
${fields.join('\n')}
}

/** The columns of \`events\` and their Postgres types, in the order of the table. */
export const EVENT_COLUMNS = {
${columns.map(({ name, postgresType }) => `  ${name}: '${postgresType}',`).join('\n')}
} as const satisfies { readonly [Column in keyof UnifiedEvent]-?: string }
`
}

/** The text of docs/event-columns.md. */
export function documentationOf(columns: readonly EventColumn[]): string {
  const groups = groupsOf(columns)
  const sections = groups.map(
    ([group, members]) =>
      `## ${group}\n\n| Column | Type | |\n|---|---|---|\n${members
        .map(({ name, postgresType, required, description }) => {
          return `| \`${name}\` | ${postgresType}${required ? ', required' : ''} | ${description.replaceAll('|', '\\|')} |`
        })
        .join('\n')}`,
  )
  return `# The columns of \`events\`

Generated from [model/unified-event.columns.csv](../model/unified-event.columns.csv) by \`npm run events:generate\`.
${columns.length} columns in ${groups.length} groups; [events.md](events.md) says what fills them.

${sections.join('\n\n')}
`
}

/** Metadata of the table \`events\` with the columns that the viewer may read; the rest of the file stays. */
export function metadataOf(columns: readonly EventColumn[], metadata: string): string {
  const list = columns.filter(({ name }) => !HIDDEN_FROM_VIEWER.has(name)).map(({ name }) => `        - ${name}\n`)
  const pattern = /(- role: observability_viewer\n {4}permission:\n {6}columns:\n)(?: {8}- \w+\n)+/
  if (!pattern.test(metadata)) throw new Error('the metadata of events has no list of columns for observability_viewer')
  return metadata.replace(pattern, (_, head: string) => head + list.join(''))
}

function groupsOf(columns: readonly EventColumn[]): [string, EventColumn[]][] {
  const groups = new Map<string, EventColumn[]>()
  for (const column of columns) groups.set(column.group, [...(groups.get(column.group) ?? []), column])
  return [...groups]
}
