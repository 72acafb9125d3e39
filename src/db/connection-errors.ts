// SQLSTATEs that mean "not now": the statement may work unchanged on a new connection.
const TRANSIENT_STATES = new Set([
  '08000', // connection_exception
  '08001', // sqlclient_unable_to_establish_sqlconnection
  '08003', // connection_does_not_exist
  '08004', // sqlserver_rejected_establishment_of_sqlconnection
  '08006', // connection_failure
  '25006', // read_only_sql_transaction: a standby after a failover
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or shutting down
])

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'])

// node-postgres reports these without a code.
const DRIVER_MESSAGES = /connection terminated|timeout exceeded when trying to connect|connection error|not queryable/i

/** Whether an error means that the server was not there, rather than that the statement was wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return TRANSIENT_STATES.has(code) || NETWORK_CODES.has(code)
  if (error instanceof AggregateError) return error.errors.some(isConnectionError)
  return DRIVER_MESSAGES.test(error.message)
}
