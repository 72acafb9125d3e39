import { ObservabilityError } from '../../errors.ts'
import type { Catalog } from '../catalog/types.ts'
import { accessOf } from './access.ts'

/**
 * Roles with a permission that cannot be (a column that is not there, a value that does not fit), in a sentence each.
 * Whatever such a role asks fails; the others are served.
 */
export function brokenRoles(catalog: Catalog): string[] {
  const roles = new Set<string>(catalog.inheritedRoles.keys())
  for (const table of catalog.tables.values()) {
    for (const permissions of [
      table.selectPermissions,
      table.insertPermissions,
      table.updatePermissions,
      table.deletePermissions,
    ]) {
      for (const role of permissions.keys()) roles.add(role)
    }
  }
  return [...roles].flatMap(role => {
    try {
      accessOf(catalog, role, { backendOnly: true })
      return []
    } catch (error) {
      if (error instanceof ObservabilityError) return [`role ${role} cannot be served: ${error.message}`]
      throw error
    }
  })
}
