import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateDocument } from './support/documents.ts'
import { createWorkshop, type Workshop } from './support/workshop.ts'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const DOCUMENTS = Number(process.env.FUZZ_DOCUMENTS ?? 60)

// Every change of a row, as a request leaves it behind.
const AUDIT = `
CREATE TABLE change ("table" text, operation text, old jsonb, new jsonb);
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO change VALUES (TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
  END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON team FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON member FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON task FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON profile FOR EACH ROW EXECUTE FUNCTION note_change();
ALTER TABLE team ALTER name SET DEFAULT gen_random_uuid();
ALTER TABLE member ALTER name SET DEFAULT gen_random_uuid();
ALTER TABLE task ALTER title SET DEFAULT 'untitled', ALTER member_id SET DEFAULT 1;
`

interface Change {
  table: string
  operation: 'INSERT' | 'UPDATE' | 'DELETE'
  // biome-ignore lint/suspicious/noExplicitAny: rows of four tables
  old: any
  // biome-ignore lint/suspicious/noExplicitAny: rows of four tables
  new: any
}

/** The columns that an update changed. */
const changed = ({ old, new: now }: Change): string[] =>
  Object.keys(now).filter(column => JSON.stringify(now[column]) !== JSON.stringify(old[column]))
const only = (change: Change, ...columns: string[]): boolean => changed(change).every(name => columns.includes(name))

// What the permissions of the workshop allow, said a second time in another way.
const MAY: Record<string, (change: Change, teamOf: (id: number) => string | undefined) => boolean> = {
  admin: () => true,
  member: change => {
    const { table, operation, old, new: now } = change
    if (table === 'member') {
      return (
        operation === 'UPDATE' &&
        old.id === 1 &&
        now.eMail === 'me@x' &&
        only(change, 'name', 'slug', 'eMail', 'badges')
      )
    }
    if (table !== 'task') return false
    if (operation === 'INSERT') return now.member_id === 1 && !now.done && now.reviewer_id === null && now.due === null
    if (operation === 'DELETE') return old.done
    return old.member_id === 1 && only(change, 'title', 'done') && now.title !== 'forbidden'
  },
  lead: (change, teamOf) => {
    const { table, operation, old, new: now } = change
    if (table === 'team') {
      if (operation === 'INSERT') return now.budget === 7 && now.visits === 0 && now.code === null
      return operation === 'UPDATE' && old.name === 'Red' && only(change, 'name', 'budget') && now.budget <= 100
    }
    if (table === 'member') {
      const row = operation === 'INSERT' ? now : old
      const fits = operation !== 'UPDATE' || only(change, 'name', 'slug', 'level')
      // A team may have been renamed by the same request, before or after.
      return fits && row.team_id !== null && ['Red', undefined].includes(teamOf(row.team_id))
    }
    // What Postgres does by itself (ON DELETE CASCADE), and the function that is granted.
    return (
      (operation === 'DELETE' && ['task', 'profile'].includes(table)) ||
      (table === 'task' && only(change, 'done', 'title'))
    )
  },
  inbox: ({ table, operation, new: now }) =>
    table === 'task' && (operation === 'DELETE' || (operation === 'INSERT' && now.member_id === 1 && !now.done)),
}

let workshop: Workshop
beforeAll(async () => {
  workshop = await createWorkshop()
  await workshop.database.pool.query(AUDIT)
})
afterAll(() => workshop.database.drop())

// One row twice in an upsert: Hasura has no word for it either.
const isKnown = (error: unknown): boolean => /affect row a second time/.test(String(error))

describe('mutations made from the schema', () => {
  it.each(Object.keys(MAY))(
    `as ${'%s'} have an answer and write only what the role may write (seed ${SEED})`,
    async role => {
      const variables = { 'x-hasura-user-id': '1', 'x-hasura-team': 'Red', 'x-hasura-mail': 'me@x' }
      const root = workshop.engine.schema(role).getMutationType() as GraphQLObjectType
      const may = MAY[role] as (typeof MAY)[string]
      let answered = 0
      let written = 0
      for (let i = 0; i < DOCUMENTS; i++) {
        if (i % 20 === 0) await workshop.reset()
        await workshop.database.pool.query('TRUNCATE change')
        const query = `mutation ${generateDocument(root, SEED * 1_000 + i).query}`
        const body = await workshop.engine.execute({ query }, { role, variables })
        const { errors, data } = JSON.parse(body)
        const surprises = workshop.surprises.splice(0).filter(error => !isKnown(error))
        if (surprises.length > 0) throw new Error(`document ${i} of seed ${SEED}: ${query}\n${body}\n${surprises[0]}`)
        expect([
          undefined,
          'unexpected',
          'validation-failed',
          'parse-failed',
          'data-exception',
          'bad-request',
          'constraint-violation',
          'permission-error',
          'not-supported',
        ]).toContain(errors?.[0].extensions.code)
        if (data !== undefined) answered++
        const changes: Change[] = await workshop.rows('SELECT * FROM change')
        // Without data nothing of the request remains.
        if (data === undefined) expect(changes, query).toEqual([])
        written += changes.length
        const teams = new Map((await workshop.rows('SELECT id, name FROM team')).map(team => [team.id, team.name]))
        const renamed = new Set(changes.filter(({ table }) => table === 'team').map(change => change.new?.id))
        const teamOf = (id: number) => (renamed.has(id) ? undefined : teams.get(id))
        const wrong = changes.filter(change => !may(change, teamOf))
        expect(wrong, `document ${i} of seed ${SEED}: ${query}`).toEqual([])
      }
      expect(answered).toBeGreaterThan(DOCUMENTS * 0.1)
      expect(written).toBeGreaterThan(0)
    },
  )
})
