import { messageOf } from '../errors.ts'
import type { EventModuleSource } from './event-modules.ts'
import { importOnce } from './import-module.ts'
import type { EventModule } from './types.ts'

/**
 * The functions of a module: at once where it was given, else read from its file. Throws, or rejects with, an error that says
 * what is missing where.
 */
export function loadEventModule(source: EventModuleSource): EventModule | Promise<EventModule> {
  return 'module' in source ? asEventModule(source.module, `Event module "${source.name}"`) : readEventModule(source)
}

async function readEventModule(source: Exclude<EventModuleSource, { module: unknown }>): Promise<EventModule> {
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
  if (typeof detector === 'function' && typeof handler === 'function') return given as EventModule
  const missing = [
    typeof detector === 'function' ? [] : ['"detector"'],
    typeof handler === 'function' ? [] : ['"handler"'],
  ].flat()
  throw new Error(`${what} has no function ${missing.join(' and no function ')}`)
}
