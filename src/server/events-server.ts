import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type ApiKey, parseApiKeys } from '../api-keys.ts'
import type { ServerConfig } from '../config.ts'
import { createPool } from '../db/pool.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { OwnBatches } from '../event/own-batches.ts'
import type { Logger } from '../log.ts'
import { EventIntake } from '../store/event-intake.ts'
import { RecordingStore } from '../store/recording-store.ts'
import { createWriteBatch } from '../store/write-batch.ts'
import { createWriteEvents } from '../store/write-events.ts'
import { MIB, MINUTE, SECOND } from '../units.ts'
import type { CallerRules } from './caller.ts'
import { Access } from './ingest/access.ts'
import { ArrivalTimes } from './ingest/arrival-times.ts'
import { BodyReader } from './ingest/body.ts'
import { Ingest } from './ingest/ingest.ts'
import { RateLimit } from './ingest/rate-limit.ts'
import { storedArrivals } from './ingest/stored-arrivals.ts'
import { broadcastRoutes } from './routes/broadcast.ts'
import { otlpRoutes } from './routes/otlp.ts'
import { segmentRoutes } from './routes/segment.ts'
import { snippetRoute } from './routes/snippet.ts'

export interface EventsServerOptions {
  config: ServerConfig
  connectionString: string
  callers: CallerRules
  logger: Logger
}

/** Everything that takes events: routes, limits, and the way into the database. */
export interface EventsServer {
  readonly intake: EventIntake
  readonly access: Access
  /** What is on its way into the database, for the live stream. */
  readonly ownBatches: OwnBatches
  addRoutes(app: FastifyInstance): Promise<void>
  /** Lets what waits be stored, or journaled, and closes the connections. */
  close(): Promise<void>
}

const JOURNAL_BYTES = 1_024 * MIB
const CLOSE_DEADLINE_MS = 5 * SECOND

export async function createEventsServer(options: EventsServerOptions): Promise<EventsServer> {
  const { config, connectionString, callers, logger } = options
  const keys = [...config.ingest.apiKeys, ...(await readKeysFile(config.ingest.apiKeysFile))]
  const pool = createPool({
    connectionString,
    max: 3,
    applicationName: 'hasura-observability ingest',
    statementTimeoutMs: MINUTE,
  })
  // Each has its own memory of what it has sent.
  const ownBatches = new OwnBatches()
  const writeBatch = () => createWriteBatch(() => pool, config.schema, { ownBatches })
  const store = new RecordingStore(writeBatch(), logger, {
    batchSize: 1_000,
    flushIntervalMs: SECOND,
    retryAttempts: 0,
    retryDelayMs: SECOND,
    maxRows: 1_000_000,
    maxBytes: config.ingest.bufferBytes,
    journal: { directory: journalDirectory(config, connectionString), maxBytes: JOURNAL_BYTES, fsync: false },
  })
  store.start()
  const write = createWriteEvents(() => pool, config.schema, { writeBatch: writeBatch(), ownBatches })
  const intake = new EventIntake({ write, store, maxBytes: config.ingest.bufferBytes, logger })
  const access = new Access({
    keys,
    callers: { ...callers, allowedOrigins: [...callers.allowedOrigins, ...config.ingest.origins] },
  })
  const ingest = new Ingest({
    intake,
    arrivals: new ArrivalTimes({ readStored: storedArrivals(pool, config.schema), logger }),
    ipAddresses: config.ingest.ipAddresses,
    perKey: new RateLimit(config.ingest.eventsPerSecondPerKey),
    perAddress: new RateLimit(config.ingest.eventsPerSecondPerAddress),
  })
  const parts = {
    ingest,
    access,
    bodies: new BodyReader({ maxBytes: config.ingest.maxBodyBytes, timeoutMs: config.ingest.bodyTimeoutMs }),
  }
  return {
    intake,
    access,
    ownBatches,
    async addRoutes(app) {
      await app.register(otlpRoutes, parts)
      await app.register(segmentRoutes, parts)
      await app.register(broadcastRoutes, parts)
      await app.register(snippetRoute)
    },
    async close() {
      await intake.idle()
      await store.flush(CLOSE_DEADLINE_MS)
      await store.stop()
      await pool.end()
    },
  }
}

// A folder for each database, so that no process adopts rows that belong elsewhere.
function journalDirectory({ dataDir, schema }: ServerConfig, connectionString: string): string {
  const database = new URL(connectionString).pathname.slice(1).replaceAll(/[^\w.%-]/g, '_')
  return path.resolve(dataDir, 'journal', `${database}.${schema}.events`)
}

async function readKeysFile(file: string | null): Promise<ApiKey[]> {
  if (file === null) return []
  try {
    return parseApiKeys(await readFile(file, 'utf8'))
  } catch (error) {
    throw new ObservabilityError('CONFIG_INVALID', `OBSERVABILITY_API_KEYS_FILE: ${messageOf(error)}`, { cause: error })
  }
}
