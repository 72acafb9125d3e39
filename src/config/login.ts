import { type ConfigReader, type Field, Mistake, number } from '../config-reader.ts'

/** With which passwords people log in to the dashboard, and for how long. */
export interface LoginSettings {
  /** By role; null: nobody logs in with it. */
  readonly passwords: {
    readonly observability_viewer: string | null
    readonly observability_operator: string | null
  }
  /** How long a login lasts, in hours. */
  readonly sessionHours: number
  /** Signs sessions; null: made anew at each start. */
  readonly sessionSecret: string | null
}

/** Every variable of the login, as documented in .env.example (a test compares them). */
export const LOGIN_VARIABLES = [
  'OBSERVABILITY_VIEWER_PASSWORD',
  'OBSERVABILITY_OPERATOR_PASSWORD',
  'OBSERVABILITY_SESSION_HOURS',
  'OBSERVABILITY_SESSION_SECRET',
] as const

const atLeast = (length: number): Field<string> => ({
  read: value =>
    typeof value === 'string' && value.length >= length ? value : new Mistake(`at least ${length} characters`),
})

export function readLoginSettings(
  reader: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): LoginSettings {
  const read = <T, F>(name: (typeof LOGIN_VARIABLES)[number], field: Field<T>, fallback: F): T | F =>
    reader.get(name, env[name], field, fallback)
  const viewer = read('OBSERVABILITY_VIEWER_PASSWORD', atLeast(8), null)
  const operator = read('OBSERVABILITY_OPERATOR_PASSWORD', atLeast(8), null)
  if (viewer !== null && viewer === operator) {
    reader.mistake('OBSERVABILITY_OPERATOR_PASSWORD: is the viewer’s password too; the password says who logs in')
  }
  return Object.freeze({
    passwords: Object.freeze({ observability_viewer: viewer, observability_operator: operator }),
    sessionHours: read('OBSERVABILITY_SESSION_HOURS', number(0.01, 720), 12),
    sessionSecret: read('OBSERVABILITY_SESSION_SECRET', atLeast(32), null),
  })
}
