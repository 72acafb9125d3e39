import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { quoteIdent } from '../../src/db/identifiers.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'

export interface TestDatabase {
  url: string
  pool: Pool
  drop(): Promise<void>
}

/** A database of its own on the real Postgres of this test run: migrated by default, else empty. */
export async function createTestDatabase({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = createPool({ connectionString: databaseUrl('postgres'), max: 1 })
  const template = migrated ? ` TEMPLATE ${quoteIdent(TEMPLATE_DATABASE)}` : ''
  await admin.query(`CREATE DATABASE ${quoteIdent(name)}${template}`)
  const url = databaseUrl(name)
  const pool = createPool({ connectionString: url, max: 5 })
  return {
    url,
    pool,
    async drop() {
      await pool.end()
      await admin.query(`DROP DATABASE IF EXISTS ${quoteIdent(name)} WITH (FORCE)`)
      await admin.end()
    },
  }
}

export const TEMPLATE_DATABASE = 'template_migrated'
export { SCHEMA } from './schema.ts'

function databaseUrl(name: string): string {
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return url.href
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's Postgres, database `postgres`, as superuser. */
    postgresUrl: string
  }
}
