import { createGraphqlEngine, type GraphqlEngine, type GraphqlEngineOptions } from '../../../src/graphql/engine.ts'
import type { HasuraMetadata, MetadataCustomization, MetadataSelectPermission } from '../../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import type { Answer } from './library.ts'

/** What the library does not have: computed fields, enum tables, inherited roles, ltree, domains, odd functions. */
export const COMPANY_SQL = `
CREATE EXTENSION ltree;
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE grade (value text PRIMARY KEY, comment text);
INSERT INTO grade VALUES ('senior', 'Knows more'), ('junior', NULL);
CREATE TABLE not_an_enum (value text PRIMARY KEY);
INSERT INTO not_an_enum VALUES ('two words');
CREATE TABLE team (id integer PRIMARY KEY, name text NOT NULL, path ltree NOT NULL);
CREATE TABLE employee (
  id integer PRIMARY KEY, first_name text NOT NULL, last_name text, salary integer NOT NULL, share double precision,
  bonus double precision, team_id integer REFERENCES team, grade text NOT NULL REFERENCES grade, mail email,
  tags text[], profile jsonb);
INSERT INTO team VALUES (1, 'Board', 'top'), (2, 'Makers', 'top.makers'), (3, 'Tools', 'top.makers.tools'), (4, 'Other', 'other');
INSERT INTO employee VALUES
  (1, 'Ada', 'L.', 900, 0.5, 5, 1, 'senior', 'ada@x.example', '{red,blue}', '{"pets": [{"name": "Rex"}], "age": 36}'),
  (2, 'Bob', NULL, 300, 0.1, 1, 2, 'junior', NULL, '{red}', '{"age": 20}'),
  (3, 'Cyd', 'K.', 500, 0.3, 3, 2, 'senior', NULL, NULL, NULL),
  (4, 'Dan', NULL, 400, 0.2, 4, 3, 'junior', NULL, '{}', NULL);
CREATE FUNCTION full_name(employee) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT concat_ws(' ', $1.first_name, $1.last_name) $$;
CREATE FUNCTION pay(who employee, months integer DEFAULT 12, factor numeric DEFAULT 1) RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT (who.salary * months * factor)::bigint $$;
CREATE FUNCTION greeting(word text, who employee, session json) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT concat_ws(' ', word, who.first_name, 'from', session->>'x-hasura-place') $$;
CREATE FUNCTION distance(who employee, session json) RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT abs(who.salary - (session->>'x-hasura-salary')::integer) $$;
CREATE FUNCTION colleagues(who employee) RETURNS SETOF employee LANGUAGE sql STABLE AS
  $$ SELECT * FROM employee e WHERE e.team_id = who.team_id AND e.id <> who.id $$;
CREATE FUNCTION richer(term text, who employee) RETURNS SETOF employee LANGUAGE sql STABLE AS
  $$ SELECT * FROM employee e WHERE e.salary > who.salary AND e.first_name ILIKE '%' || term || '%' $$;
CREATE FUNCTION own_team(who employee) RETURNS team LANGUAGE sql STABLE AS $$ SELECT t FROM team t WHERE t.id = who.team_id $$;
CREATE FUNCTION details(who employee) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT coalesce(who.profile, '{}') $$;
CREATE FUNCTION writes(who employee) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'x' $$;
-- Arguments without names, and one with a default between.
CREATE FUNCTION paid(text, integer DEFAULT 0, "atMost" integer DEFAULT 10000) RETURNS SETOF employee LANGUAGE sql STABLE AS
  $$ SELECT * FROM employee WHERE grade = $1 AND salary BETWEEN $2 AND "atMost" ORDER BY id $$;
CREATE FUNCTION of_team(of team) RETURNS SETOF employee LANGUAGE sql STABLE AS $$ SELECT * FROM employee WHERE team_id = of.id $$;
CREATE MATERIALIZED VIEW salaries AS SELECT team_id, sum(salary) AS total FROM employee GROUP BY team_id;
`

const select = (role: string, permission: Partial<MetadataSelectPermission>) => ({
  role,
  permission: { columns: '*' as const, filter: {}, allow_aggregations: false, ...permission },
})
const own = (name: string) => ({ schema: 'public', name })
const computed = (name: string, args: object = {}, called = name) => ({
  name,
  definition: { function: own(called), ...args },
})

export function companyMetadata(customization?: MetadataCustomization): HasuraMetadata {
  return {
    version: 3,
    inherited_roles: [
      { role_name: 'lead', role_set: ['self', 'maker'] },
      { role_name: 'chief', role_set: ['lead', 'nobody', 'board'] },
      { role_name: 'circle', role_set: ['circle', 'self'] },
    ],
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        configuration: {},
        ...(customization === undefined ? {} : { customization }),
        tables: [
          { table: own('grade'), is_enum: true },
          { table: own('not_an_enum'), is_enum: true },
          {
            table: own('team'),
            array_relationships: [
              {
                name: 'employees',
                using: { kind: 'reverse_foreign_key', table: own('employee'), columns: ['team_id'] },
              },
            ],
            select_permissions: [select('self', { columns: ['id', 'name'] })],
          },
          {
            table: own('employee'),
            configuration: { custom_root_fields: { select: { name: 'employee', comment: 'Everyone' } } },
            object_relationships: [{ name: 'team', using: { kind: 'foreign_key', columns: ['team_id'] } }],
            computed_fields: [
              computed('full_name'),
              computed('pay', { table_argument: 'who' }),
              computed('greeting', { table_argument: 'who', session_argument: 'session' }),
              computed('distance', { table_argument: 'who', session_argument: 'session' }),
              computed('colleagues'),
              computed('richer', { table_argument: 'who' }),
              computed('own_team'),
              computed('details'),
              computed('writes'),
              computed('missing'),
              computed('salary', {}, 'pay'),
            ],
            select_permissions: [
              select('self', {
                columns: ['id', 'first_name', 'salary', 'grade'],
                filter: { id: 'X-Hasura-User-Id' },
                computed_fields: ['full_name'],
                limit: 1,
              }),
              select('maker', {
                columns: ['id', 'first_name', 'team_id', 'share'],
                filter: { team: { path: { _eq: 'top.makers' } } },
                allow_aggregations: true,
                limit: 10,
              }),
              select('board', { columns: ['id', 'first_name', 'bonus'], filter: { team_id: { _eq: 1 } } }),
              // Only those whose whole name is longer than their first name.
              select('named', { filter: { full_name: { _like: '% %' } }, computed_fields: ['full_name'] }),
              select('social', { columns: ['id'], filter: { colleagues: { salary: { _gt: 400 } } } }),
              select('graded', { columns: ['id', 'grade'], filter: { grade: { _in: ['senior'] } } }),
              select('tagged', { columns: ['id'], filter: { tags: { _in: [['red'], []] } } }),
              select('hidden', { columns: ['id', 'first_name'] }),
              select('blind', { columns: [], allow_aggregations: true }),
              select('unplaced', { columns: ['id'], filter: { mail: { _eq: null }, salary: { _lt: '450' } } }),
              select('placed', { columns: ['id'], filter: { last_name: { _neq: null }, team_id: { _in: ['1', 2] } } }),
              select('owners', { columns: ['id'], filter: { profile: { _cast: { String: { _ilike: '%"NAME"%' } } } } }),
              select('untagged', { columns: ['id'], filter: { tags: null } }),
            ],
          },
          { table: own('salaries') },
        ],
        functions: [
          { function: own('paid'), permissions: [{ role: 'hidden' }] },
          { function: own('of_team'), configuration: { custom_root_fields: { function_aggregate: 'countOfTeam' } } },
        ],
      },
    ],
  }
}

export interface Company {
  database: TestDatabase
  engine: GraphqlEngine
  data(query: string, variables?: object, role?: string, session?: Record<string, string>): Promise<Answer>
  error(query: string, variables?: object, role?: string, session?: Record<string, string>): Promise<Answer>
}

export async function createCompany(options: Partial<GraphqlEngineOptions> = {}): Promise<Company> {
  const database = await createTestDatabase({ migrated: false })
  await database.pool.query(COMPANY_SQL)
  const engine = await createGraphqlEngine({ pool: database.pool, metadata: companyMetadata(), ...options })
  return { database, engine, ...asking(engine) }
}

export function asking(engine: GraphqlEngine): Pick<Company, 'data' | 'error'> {
  const ask = async (query: string, variables: object = {}, role = 'admin', session: Record<string, string> = {}) =>
    JSON.parse(await engine.execute({ query, variables }, { role, variables: session }))
  return {
    async data(...args) {
      const { data, errors } = await ask(...args)
      if (errors !== undefined) throw new Error(JSON.stringify(errors, null, 2))
      return data
    },
    async error(...args) {
      const { data, errors } = await ask(...args)
      if (errors === undefined) throw new Error(`no error, but ${JSON.stringify(data)}`)
      delete errors[0].extensions.internal
      return errors[0]
    },
  }
}
