import type { IncomingHttpHeaders } from 'node:http'
import { messageOf } from '../errors.ts'
import type { Authenticate } from '../graphql/auth/session-of.ts'
import type { HasuraMetadata } from '../hasura/metadata.ts'
import { HttpError } from './http-error.ts'
import type { Access } from './ingest/access.ts'
import type { ReadAccess } from './socket/event-connection.ts'

/**
 * What a caller may read of the events: what its role may select of them by the metadata, as over GraphQL, or the
 * namespace of its API key. Rejects with READ_REFUSED or INGEST_FORBIDDEN.
 */
export function readAccess(
  authenticate: Authenticate,
  keys: Access,
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
    const reader = keys.readerOf(headers)
    if (reader) {
      return { namespaces: reader.namespace === null ? null : [reader.namespace], columns: null, expiresAt: null }
    }
    const { session, expiresAt } = await authenticate(headers).catch(error => {
      throw new HttpError(401, 'READ_REFUSED', messageOf(error), { cause: error })
    })
    const columns = columnsByRole.get(session.role)
    if (columns === undefined) throw new HttpError(403, 'READ_REFUSED', `the role ${session.role} may not read events`)
    return { namespaces: null, columns, expiresAt }
  }
}
