import { messageOf } from '../errors.ts'
import type { EventModuleSource } from './event-modules.ts'
import { importOnce } from './import-module.ts'
import type { EventModule } from './types.ts'

/** The functions of a module, read from its file if need be. Throws an error that says what is missing where. */
export async function loadEventModule(source: EventModuleSource): Promise<EventModule> {
  if ('module' in source) return asEventModule(source.module, `Event module "${source.name}"`)
  if (source.path === undefined) {
    throw new Error(`Event module "${source.name}" was not found: no file of that name is in the modules' directory`)
  }
  let exports: Record<string, unknown>
  try {
    exports = await importOnce(source.path)
  } catch (error) {
    throw new Error(`Event module "${source.name}" (${source.path}) cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    })
  }
  // CommonJS modules, and modules that export one object, have their functions on the default export.
  const given = 'detector' in exports || 'handler' in exports ? exports : exports.default
  return asEventModule(given, `Event module "${source.name}" (${source.path})`)
}

function asEventModule(given: unknown, what: string): EventModule {
  const { detector, handler } = (given ?? {}) as Partial<EventModule>
  const missing = [
    typeof detector === 'function' ? [] : ['"detector"'],
    typeof handler === 'function' ? [] : ['"handler"'],
  ].flat()
  if (missing.length > 0) throw new Error(`${what} has no function ${missing.join(' and no function ')}`)
  return given as EventModule
}
