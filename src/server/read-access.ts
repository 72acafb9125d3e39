import type { IncomingHttpHeaders } from 'node:http'
import { messageOf } from '../errors.ts'
import type { Authenticate } from '../graphql/auth/session-of.ts'
import type { HasuraMetadata } from '../hasura/metadata.ts'
import type { ReadAccess } from './socket/event-connection.ts'

/** Why events may not be read; answered with its status. */
export class ReadRefused extends Error {
  readonly statusCode: 401 | 403

  constructor(statusCode: 401 | 403, message: string) {
    super(message)
    this.name = 'ReadRefused'
    this.statusCode = statusCode
  }
}

/**
 * What a caller may read of the events: what its role may select of them by the metadata, as over GraphQL. Rejects with
 * ReadRefused.
 */
export function readAccess(
  authenticate: Authenticate,
  metadata: HasuraMetadata,
  schema: string,
): (headers: IncomingHttpHeaders) => Promise<ReadAccess> {
  const columnsByRole = new Map<string, ReadonlySet<string> | null>([['admin', null]])
  for (const { table, select_permissions: permissions = [] } of metadata.sources.flatMap(source => source.tables)) {
    if (table.schema !== schema || table.name !== 'events') continue
    for (const { role, permission } of permissions) {
      // Rows are not looked at one by one here: who may not see all of them has to ask over GraphQL.
      if (Object.keys(permission.filter).length > 0) continue
      columnsByRole.set(role, permission.columns === '*' ? null : new Set(permission.columns))
    }
  }
  return async headers => {
    const { session, expiresAt } = await authenticate(headers).catch(error => {
      throw new ReadRefused(401, messageOf(error))
    })
    const columns = columnsByRole.get(session.role)
    if (columns === undefined) throw new ReadRefused(403, `the role ${session.role} may not read events`)
    return { namespaces: null, columns, expiresAt }
  }
}
