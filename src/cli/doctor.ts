import path from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_DATABASE, readServerConfig, type ServerConfig } from '../config.ts'
import { embeddedAddress } from '../db/embedded/running-address.ts'
import { createPool } from '../db/pool.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { MIB, SECOND } from '../units.ts'
import { examineDatabase } from './doctor/database.ts'
import { action, examine, type Finding, note, ok } from './doctor/finding.ts'
import { examineHasura } from './doctor/graphql.ts'
import { examineJournal } from './doctor/journal.ts'
import { judgeNode } from './doctor/program.ts'
import { findRunningServer } from './running-lock.ts'

export interface DoctorOptions {
  /** The plugin's `journalDir`; that of `npm start` when not given. */
  journalDir?: string
  /** @default Date.now */
  nowMs?: () => number
}

const DEFAULT_JOURNAL_BYTES = 1_024 * MIB
// Longer than that a question about the tables is a finding by itself.
const STATEMENT_TIMEOUT_MS = 30 * SECOND

/** `doctor [--json] [--journal-dir DIR]`: looks at everything, says what to do, and changes nothing. Exit code 1 when something has to be done. */
export async function doctor(args: string[]): Promise<void> {
  const { json, journalDir } = readArguments(args)
  const findings = await examineAll(journalDir === undefined ? {} : { journalDir })
  const isWell = findings.every(finding => finding.state !== 'action')
  if (json) console.log(JSON.stringify({ ok: isWell, findings }, null, 2))
  else for (const line of describeFindings(findings)) console.log(line)
  if (!isWell) process.exitCode = 1
}

/** Every finding, in the order in which things depend on each other. Never rejects. */
export async function examineAll(options: DoctorOptions = {}): Promise<Finding[]> {
  const findings = [judgeNode(process.versions.node)]
  let config: ServerConfig
  try {
    config = readServerConfig()
    findings.push(ok('configuration', 'every variable is valid'))
  } catch (error) {
    // What follows would look at the wrong places.
    return [...findings, action('configuration', messageOf(error), 'correct it in the environment or in .env')]
  }
  findings.push(...(await examine('database', () => database(config, options))))
  const journalDir = options.journalDir ?? path.resolve(config.dataDir, 'journal')
  findings.push(...(await examine('journal', () => examineJournal(journalDir, DEFAULT_JOURNAL_BYTES))))
  findings.push(...(await examine('graphql', () => graphql(config))))
  return findings
}

async function database(config: ServerConfig, { nowMs }: DoctorOptions): Promise<Finding | Finding[]> {
  const embedded = config.observabilityDbUrl === null
  const connectionString = config.observabilityDbUrl ?? (await embeddedAddress(config.dataDir, DEFAULT_DATABASE))
  if (connectionString === null) {
    return action(
      'database',
      `OBSERVABILITY_DB_URL is not set, and ${config.dataDir} holds no embedded Postgres`,
      'set OBSERVABILITY_DB_URL, or run `npm start`',
    )
  }
  const pool = createPool({
    connectionString,
    max: 1,
    applicationName: 'hasura-observability doctor',
    connectionTimeoutMs: 5 * SECOND,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
  try {
    return await examineDatabase({
      pool,
      connectionString,
      schema: config.schema,
      embedded,
      ...(nowMs ? { nowMs } : {}),
    })
  } finally {
    await pool.end()
  }
}

async function graphql(config: ServerConfig): Promise<Finding | Finding[]> {
  if (config.hasuraGraphqlEndpoint !== null) {
    return examineHasura(config.hasuraGraphqlEndpoint, config.hasuraAdminSecret)
  }
  const server = await findRunningServer(config.dataDir)
  return server === null
    ? note('graphql', `no HASURA_GRAPHQL_ENDPOINT is set, and no server of ours runs on ${config.dataDir}`)
    : examineHasura(server, null)
}

const MARKS = { ok: 'ok    ', note: 'note  ', action: 'ACTION' } as const

/** A line for each finding, and one below it with what to do. */
export function describeFindings(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(finding => finding.check.length)) + 2
  const indent = ' '.repeat(8 + width)
  const lines = findings.flatMap(({ check, state, found, todo }) => [
    `${MARKS[state]}  ${check.padEnd(width)}${found.replaceAll('\n', `\n${indent}`)}`,
    ...(todo === null ? [] : [`${indent}→ ${todo}`]),
  ])
  const actions = findings.filter(finding => finding.state === 'action').length
  return [...lines, '', actions === 0 ? 'All is well.' : `To do: ${actions}.`]
}

function readArguments(args: string[]): { json: boolean; journalDir: string | undefined } {
  try {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, 'journal-dir': { type: 'string' } } })
    return { json: values.json ?? false, journalDir: values['journal-dir'] }
  } catch (cause) {
    throw new ObservabilityError('CONFIG_INVALID', `doctor: ${messageOf(cause)}; see --help`, { cause })
  }
}
