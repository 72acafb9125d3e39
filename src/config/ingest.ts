import { type ApiKey, parseApiKeys } from '../api-keys.ts'
import { type ConfigReader, type Field, oneOf, text, wholeNumber } from '../config-reader.ts'
import { messageOf } from '../errors.ts'
import type { IpAddresses } from '../event/ip-addresses.ts'
import { MIB } from '../units.ts'
import { origins } from './endpoint.ts'

/** Who may send events, how much of them, and what is kept of people. */
export interface IngestConfig {
  readonly apiKeys: readonly ApiKey[]
  readonly apiKeysFile: string | null
  /** Origins of other web pages that may send; `*` for all. */
  readonly origins: readonly string[]
  /** 0 for no limit. */
  readonly eventsPerSecondPerKey: number
  readonly eventsPerSecondPerAddress: number
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
  readonly bufferBytes: number
  readonly ipAddresses: IpAddresses
}

/** Every variable of it, as documented in .env.example (a test compares them). */
export const INGEST_VARIABLES = [
  'OBSERVABILITY_API_KEYS',
  'OBSERVABILITY_API_KEYS_FILE',
  'INGEST_ORIGINS',
  'INGEST_EVENTS_PER_SECOND_PER_KEY',
  'INGEST_EVENTS_PER_SECOND_PER_ADDRESS',
  'INGEST_MAX_BODY_BYTES',
  'INGEST_BODY_TIMEOUT_MS',
  'INGEST_BUFFER_BYTES',
  'IP_ADDRESSES',
] as const

export function readIngestConfig(
  reader: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): IngestConfig {
  const read = <T, F>(name: (typeof INGEST_VARIABLES)[number], field: Field<T>, fallback: F): T | F =>
    reader.get(name, env[name], field, fallback)
  return Object.freeze({
    apiKeys: readApiKeys(reader, env.OBSERVABILITY_API_KEYS),
    apiKeysFile: read('OBSERVABILITY_API_KEYS_FILE', text, null),
    origins: read('INGEST_ORIGINS', origins, []),
    eventsPerSecondPerKey: read('INGEST_EVENTS_PER_SECOND_PER_KEY', wholeNumber(0), 50_000),
    eventsPerSecondPerAddress: read('INGEST_EVENTS_PER_SECOND_PER_ADDRESS', wholeNumber(0), 50_000),
    maxBodyBytes: read('INGEST_MAX_BODY_BYTES', wholeNumber(1_024, 256 * MIB), 16 * MIB),
    bodyTimeoutMs: read('INGEST_BODY_TIMEOUT_MS', wholeNumber(100, 600_000), 30_000),
    bufferBytes: read('INGEST_BUFFER_BYTES', wholeNumber(MIB), 256 * MIB),
    ipAddresses: read('IP_ADDRESSES', oneOf('truncate', 'keep', 'drop'), 'truncate'),
  })
}

function readApiKeys(reader: ConfigReader, value: string | undefined): readonly ApiKey[] {
  try {
    return Object.freeze(parseApiKeys(value ?? ''))
  } catch (error) {
    // Its message names the key that is wrong, and shows none.
    reader.mistake(`OBSERVABILITY_API_KEYS: ${messageOf(error)}`)
    return []
  }
}
