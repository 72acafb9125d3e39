import { createGraphqlEngine, type GraphqlEngine, type GraphqlEngineOptions } from '../../../src/graphql/engine.ts'
import type { HasuraMetadata, MetadataSelectPermission, MetadataTable } from '../../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

/** A small database with a foreign key, every type family and odd names, and roles that see parts of it. */
export const LIBRARY_SQL = `
CREATE SCHEMA lib;
CREATE TABLE author (
  id integer PRIMARY KEY, name text NOT NULL UNIQUE, email text, age smallint, born date,
  manager_id integer REFERENCES author(id));
COMMENT ON TABLE author IS 'People who write';
COMMENT ON COLUMN author.name IS 'As on the cover';
CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE TABLE article (
  id bigint PRIMARY KEY, author_id integer NOT NULL REFERENCES author(id), title text NOT NULL,
  published boolean NOT NULL DEFAULT false, rating numeric, score double precision, price money, code char(4),
  tags text[], matrix integer[], meta jsonb, raw json, mood mood, secret uuid, at timestamptz, local timestamp,
  clock time, "odd ""name" text);
CREATE TABLE lib."odd;table" (id uuid PRIMARY KEY, "select" text, "user-name" text);
CREATE VIEW lib.published AS SELECT id, author_id, title FROM article WHERE published;
CREATE FUNCTION lib.search(term text, min_rating numeric DEFAULT 0) RETURNS SETOF article LANGUAGE sql STABLE AS
  $$ SELECT * FROM article WHERE title ILIKE '%' || term || '%' AND coalesce(rating, 0) >= min_rating $$;
CREATE FUNCTION lib.mine(session json) RETURNS SETOF article LANGUAGE sql STABLE AS
  $$ SELECT * FROM article WHERE author_id = (session->>'x-hasura-user-id')::integer $$;
INSERT INTO author VALUES
  (1, 'Ann', 'ann@example.com', 40, '1980-02-03', NULL), (2, 'Bob', NULL, 30, NULL, 1), (3, 'Cy', 'cy@example.com', NULL, NULL, 1);
INSERT INTO article (id, author_id, title, published, rating, score, price, code, tags, matrix, meta, raw, mood, secret, at, local, clock) VALUES
  (1, 1, 'Alpha', true, 4.50, 1.5, 9.99, 'AB', '{red,blue}', '{1,2}', '{"a": {"b": [10, 20]}, "k": 1}', '{"z":  1}', 'calm',
   '11111111-1111-4111-8111-111111111111', '2024-05-06 07:08:09.123456+00', '2024-05-06 07:08:09', '07:08:09'),
  (2, 1, 'Beta_x', false, 3, 2.5, NULL, NULL, '{red}', NULL, '{"k": 2}', NULL, 'wild', NULL, NULL, NULL, NULL),
  (3, 2, 'Gamma', true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (9007199254740993, 2, 'Huge', true, 12345678901234567890.123456789, NULL, NULL, NULL, '{}', NULL, '[]', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO lib."odd;table" VALUES ('22222222-2222-4222-8222-222222222222', 'x', 'y');
`

export const select = (role: string, permission: Partial<MetadataSelectPermission>) => ({
  role,
  permission: { columns: '*' as const, filter: {}, allow_aggregations: false, ...permission },
})

const AUTHOR: MetadataTable = {
  table: { schema: 'public', name: 'author' },
  configuration: { column_config: { email: { custom_name: 'mail', comment: 'Where to write' } } },
  object_relationships: [{ name: 'manager', using: { kind: 'foreign_key', columns: ['manager_id'] } }],
  array_relationships: [
    {
      name: 'articles',
      using: { kind: 'reverse_foreign_key', table: { schema: 'public', name: 'article' }, columns: ['author_id'] },
    },
    {
      name: 'reports',
      using: { kind: 'reverse_foreign_key', table: { schema: 'public', name: 'author' }, columns: ['manager_id'] },
    },
  ],
  select_permissions: [
    select('user', { columns: ['id', 'name'] }),
    select('limited', { columns: ['id', 'name'], limit: 2 }),
    select('root', { columns: ['id', 'name'] }),
  ],
}

const ARTICLE: MetadataTable = {
  table: { schema: 'public', name: 'article' },
  configuration: { column_config: { 'odd "name': { custom_name: 'odd' } } },
  object_relationships: [{ name: 'author', using: { kind: 'foreign_key', columns: ['author_id'] } }],
  select_permissions: [
    select('user', {
      columns: ['id', 'title', 'published', 'author_id', 'rating'],
      filter: { $or: [{ author_id: 'X-Hasura-User-Id' }, { published: { _eq: true } }] },
      allow_aggregations: true,
    }),
    select('limited', { columns: ['id', 'title'], filter: {}, limit: 2, allow_aggregations: true }),
    // Everything but the alphabetically first title of each author; `$` is the article the permission is about.
    select('root', {
      columns: ['id', 'title'],
      filter: { author: { articles: { title: { _clt: ['$', 'title'] }, id: { _cne: ['$', 'id'] } } } },
    }),
    select('manager', {
      columns: ['id', 'title'],
      filter: {
        author: {
          _or: [
            { manager_id: { _eq: 'x-hasura-user-id' } },
            {
              _exists: {
                _table: { name: 'author' },
                _where: { id: { _in: 'x-hasura-allowed-ids' }, age: { _gt: 35 } },
              },
            },
          ],
        },
      },
    }),
  ],
}

export const LIBRARY_METADATA: HasuraMetadata = {
  version: 3,
  sources: [
    {
      name: 'default',
      kind: 'postgres',
      configuration: {},
      tables: [
        AUTHOR,
        ARTICLE,
        {
          table: { schema: 'lib', name: 'odd;table' },
          configuration: {
            custom_name: 'odd_table',
            column_config: { 'user-name': { custom_name: 'userName' } },
            custom_root_fields: { select: { name: 'oddOnes' }, select_by_pk: { name: 'oddOne' } },
          },
        },
        {
          table: { schema: 'lib', name: 'published' },
          select_permissions: [select('user', { query_root_fields: [] })],
        },
      ],
      functions: [
        { function: { schema: 'lib', name: 'search' }, configuration: { custom_name: 'search_articles' } },
        { function: { schema: 'lib', name: 'mine' }, configuration: { session_argument: 'session' } },
      ],
    },
  ],
}

// biome-ignore lint/suspicious/noExplicitAny: answers have as many shapes as there are tests
export type Answer = any

export interface Library {
  database: TestDatabase
  engine: GraphqlEngine
  /** The parsed response; throws when it has errors. */
  data(query: string, variables?: object, role?: string, session?: Record<string, string>): Promise<Answer>
  /** The errors of a response that has to fail. */
  errors(query: string, variables?: object, role?: string, session?: Record<string, string>): Promise<Answer>
  text(query: string, variables?: object, role?: string, session?: Record<string, string>): Promise<string>
}

export async function createLibrary(options: Partial<GraphqlEngineOptions> = {}): Promise<Library> {
  const database = await createTestDatabase({ migrated: false })
  await database.pool.query(LIBRARY_SQL)
  const engine = await createGraphqlEngine({ pool: database.pool, metadata: LIBRARY_METADATA, ...options })
  const text: Library['text'] = (query, variables = {}, role = 'admin', session = {}) =>
    engine.execute({ query, variables }, { role, variables: session })
  return {
    database,
    engine,
    text,
    async data(...args) {
      const { data, errors } = JSON.parse(await text(...args))
      if (errors !== undefined) throw new Error(JSON.stringify(errors, null, 2))
      return data
    },
    async errors(...args) {
      const { data, errors } = JSON.parse(await text(...args))
      if (errors === undefined) throw new Error(`no error, but ${JSON.stringify(data)}`)
      // Detail for the admin is not what these tests are about.
      for (const error of errors) delete error.extensions.internal
      return errors[0]
    },
  }
}
