import { pathToFileURL } from 'node:url'

type Exports = Record<string, unknown>

const imported = new Map<string, Promise<Exports>>()

/** The exports of a file, which is run once. A failure is kept, too, as Node itself keeps it. */
export function importOnce(path: string): Promise<Exports> {
  let exports = imported.get(path)
  if (!exports) {
    exports = import(pathToFileURL(path).href) as Promise<Exports>
    imported.set(path, exports)
  }
  return exports
}
