import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyError, FastifyInstance } from 'fastify'
import { isUuid } from '../../correlation/uuid.ts'
import { messageOf, ObservabilityError } from '../../errors.ts'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { Logger } from '../../log.ts'
import { MIB } from '../../units.ts'
import { HttpError } from '../http-error.ts'
import type { Replays } from '../replay/replays.ts'

export interface ReplayRouteOptions {
  /** Null: nothing can be sent again here. */
  replays: Replays | null
  authenticate: Authenticate
  logger: Logger
}

interface ReplayBody {
  dryRun: boolean
  payload: unknown
  acceptIncomplete: boolean
}

/** Who may. Everybody is admin where nobody is asked. */
const ROLES = ['admin', 'observability_operator']
const MAX_BODY_BYTES = 4 * MIB
const NO_TARGET =
  'no detector runs here: set REPLAY_WEBHOOK_URL to the address of your function (or leave EXAMPLE_SHOP on)'

/**
 * `POST /api/invocations/:id/replay` with `{ "dryRun": true | false, "payload"?: …, "acceptIncomplete"?: true }`: a payload is
 * given to the detector again. Answers `{ "verdicts" }` or `{ "invocationId" }`.
 */
export async function replayRoute(app: FastifyInstance, options: ReplayRouteOptions): Promise<void> {
  const { replays, authenticate, logger } = options
  // Only JSON: a form on another page can send the other kinds without being asked.
  app.removeContentTypeParser('text/plain')
  app.post<{ Params: { id: string } }>(
    '/api/invocations/:id/replay',
    { bodyLimit: MAX_BODY_BYTES, errorHandler: throwWithCode },
    async request => {
      const invocationId = request.params.id.toLowerCase()
      const role = await operatorRole(request.headers, authenticate)
      if (!isUuid(invocationId)) {
        throw new ObservabilityError(
          'PAYLOAD_INVALID',
          `"${request.params.id.slice(0, 100)}" is not the id of an invocation`,
        )
      }
      const { dryRun, payload, acceptIncomplete } = parseBody(request.body)
      if (replays === null) throw new HttpError(409, 'REPLAY_UNAVAILABLE', NO_TARGET)
      const wanted = { invocationId, payload, acceptIncomplete }
      const audit = { replayOf: invocationId, role, address: request.ip, edited: payload !== null }
      if (dryRun) {
        logger.info(audit, 'dry run of a replay')
        return { verdicts: await replays.dryRun(wanted) }
      }
      // A warning, because it does something: it is in the log unless that is switched off.
      logger.warn(audit, 'replay: a payload is sent to the detector again')
      return { invocationId: await replays.run(wanted) }
    },
  )
}

async function operatorRole(headers: IncomingHttpHeaders, authenticate: Authenticate): Promise<string> {
  const { session } = await authenticate(headers).catch(error => {
    throw new HttpError(401, 'REPLAY_FORBIDDEN', messageOf(error), { cause: error })
  })
  if (ROLES.includes(session.role)) return session.role
  const message = `the role ${session.role} may not send payloads again: log in as an operator`
  throw new HttpError(403, 'REPLAY_FORBIDDEN', message)
}

function parseBody(body: unknown): ReplayBody {
  const invalid = (message: string) => new ObservabilityError('PAYLOAD_INVALID', message)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('expected { "dryRun": true or false, "payload": … }')
  }
  const { dryRun, payload = null, acceptIncomplete = false, ...unknown } = body as Partial<ReplayBody>
  // Without a default: nobody shall run handlers because they forgot a word.
  if (typeof dryRun !== 'boolean') throw invalid('"dryRun" must be true or false')
  if (typeof acceptIncomplete !== 'boolean') throw invalid('"acceptIncomplete" must be true or false')
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw invalid(`"${name}" is not known; known are dryRun, payload, acceptIncomplete`)
  return { dryRun, payload, acceptIncomplete }
}

/** What fastify itself finds wrong with a body gets a code, too. */
function throwWithCode(error: FastifyError | ObservabilityError): never {
  const status = error instanceof ObservabilityError ? 400 : error.statusCode
  const isTheirs = error.code === 'PAYLOAD_INVALID' || !(error instanceof ObservabilityError)
  if (error instanceof HttpError || !isTheirs || status === undefined || status >= 500) throw error
  throw new HttpError(status, 'PAYLOAD_INVALID', error.message, { cause: error })
}
