import { ObservabilityError } from '../../errors.ts'
import type { HasuraApi, InconsistentObject } from '../hasura-api.ts'
import { type JsonObject, type OwnMetadata, SOURCE_NAME } from '../own-metadata.ts'
import { difference } from './difference.ts'
import { ownPart, withOwn, withoutOwn } from './merge.ts'

export interface AppliedMetadata {
  /** What differs in our part, see difference(). Nothing is written when it is empty. */
  difference: string[]
  /** Objects of ours that Hasura finds inconsistent, and others that it did not before. */
  inconsistent: InconsistentObject[]
}

const MAX_ATTEMPTS = 5

/**
 * Puts our source into a running Hasura, or takes it out. Somebody else's change in between is kept: the new state is read
 * and the change made again. Throws what HasuraApi throws, HASURA_CONFLICT when that goes on, and HASURA_SOURCE_TAKEN.
 */
export async function changeMetadata(
  api: HasuraApi,
  own: OwnMetadata,
  { remove = false, dryRun = false }: { remove?: boolean; dryRun?: boolean } = {},
): Promise<AppliedMetadata> {
  for (let attempt = 1; ; attempt++) {
    const { metadata, resourceVersion } = await api.exportMetadata()
    const changed: JsonObject = remove ? withoutOwn(metadata, own) : withOwn(metadata, own)
    const lines = difference(ownPart(metadata), ownPart(changed))
    const before = await api.inconsistentObjects()
    if (dryRun || lines.length === 0) return { difference: lines, inconsistent: remove ? [] : before.filter(isOwn) }
    try {
      const after = await api.replaceMetadata({ metadata: changed, resourceVersion })
      const known = new Set(before.map(identity))
      return { difference: lines, inconsistent: after.filter(item => isOwn(item) || !known.has(identity(item))) }
    } catch (error) {
      const isConflict = error instanceof ObservabilityError && error.code === 'HASURA_CONFLICT'
      if (!isConflict || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

const identity = ({ type, name }: InconsistentObject): string => `${type} ${name}`

// Hasura names the source in the object's name, or in its definition.
function isOwn(item: InconsistentObject): boolean {
  return JSON.stringify([item.name, item.definition]).includes(SOURCE_NAME)
}
