import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { importOnce } from './import-module.ts'
import { toError } from './to-error.ts'
import type { NamedEventModule, ResolvedOptions } from './types.ts'

/** A module that is to be asked: given as an object, or in a file that need not have been read yet. */
export type EventModuleSource = { name: string; module: NamedEventModule } | { name: string; path: string | undefined }

type Given = NamedEventModule | string
type ListenedModules = Pick<
  ResolvedOptions,
  'eventModules' | 'eventModulesDirectory' | 'autoLoadEventModules' | 'loadModulesFromIndex' | 'listenedEvents'
>

const MODULE_FILE = /^(?!index\.)(?!.*\.(?:d|test)\.[^.]+$)(.+)\.(?:ts|js|mjs)$/
const INDEX_FILE = /^index\.(?:ts|js|mjs)$/
/** A module compiled beside its source counts once, and the compiled one runs everywhere. */
const EXTENSIONS = ['.js', '.mjs', '.ts']

interface Directory {
  index: string | undefined
  /** Path of each module by its name, sorted by name. */
  modules: Map<string, string>
}

/** The modules that the options ask for, each name once. What cannot be found is left out and told to `complain`. */
export async function findEventModules(
  options: ListenedModules,
  complain: (message: string, error: Error) => void,
): Promise<EventModuleSource[]> {
  const { eventModules, eventModulesDirectory, autoLoadEventModules, loadModulesFromIndex, listenedEvents } = options
  const sources = new Map<string, EventModuleSource>()
  let directory: Directory | undefined

  const add = async (given: readonly Given[]): Promise<void> => {
    for (const each of given) {
      const name = typeof each === 'string' ? each : each?.name
      if (typeof name !== 'string' || sources.has(name)) continue
      sources.set(
        name,
        typeof each === 'string' ? { name, path: (await open()).modules.get(name) } : { name, module: each },
      )
    }
  }
  const open = async (): Promise<Directory> => {
    try {
      directory ??= await readDirectory(eventModulesDirectory)
    } catch (error) {
      complain(`The event modules' directory ${eventModulesDirectory} cannot be read:`, toError(error))
      directory = { index: undefined, modules: new Map() }
    }
    return directory
  }

  await add(eventModules ?? [])
  if (autoLoadEventModules && loadModulesFromIndex) {
    try {
      await add(await readIndex((await open()).index, eventModulesDirectory))
    } catch (error) {
      complain('The index of the event modules cannot be used:', toError(error))
    }
  } else if (autoLoadEventModules) {
    await add([...(await open()).modules.keys()])
  }
  if (listenedEvents.length === 0) return [...sources.values()]
  await add(listenedEvents)
  return listenedEvents.map(name => sources.get(name)).filter(source => source !== undefined)
}

// A directory that has modules is read once: they do not change while a process runs.
const directories = new Map<string, Directory>()

async function readDirectory(path: string): Promise<Directory> {
  const seen = directories.get(path)
  if (seen) return seen
  const directory: Directory = { index: undefined, modules: new Map() }
  const files = (await readdir(path)).sort(byNameThenExtension)
  for (const file of files) {
    const name = MODULE_FILE.exec(file)?.[1]
    if (name !== undefined && !directory.modules.has(name)) directory.modules.set(name, join(path, file))
    if (INDEX_FILE.test(file)) directory.index ??= join(path, file)
  }
  if (directory.modules.size > 0 || directory.index) directories.set(path, directory)
  return directory
}

function byNameThenExtension(a: string, b: string): number {
  const [nameA, nameB] = [withoutExtension(a), withoutExtension(b)]
  if (nameA !== nameB) return nameA < nameB ? -1 : 1
  return EXTENSIONS.indexOf(a.slice(nameA.length)) - EXTENSIONS.indexOf(b.slice(nameB.length))
}

function withoutExtension(file: string): string {
  const extension = EXTENSIONS.find(each => file.endsWith(each)) ?? ''
  return file.slice(0, file.length - extension.length)
}

async function readIndex(path: string | undefined, directory: string): Promise<readonly Given[]> {
  if (path === undefined) throw new Error(`there is no index.ts, index.js or index.mjs in ${directory}`)
  const { default: modules } = await importOnce(path)
  if (!Array.isArray(modules)) throw new Error(`the default export of ${path} must be a list of event modules or names`)
  return modules
}
