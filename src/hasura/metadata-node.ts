import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { messageOf, ObservabilityError } from '../errors.ts'

/** Content of another file, put where `!include` stood; errors below it name that file. */
class IncludedFile {
  readonly file: string
  readonly value: unknown

  constructor(file: string, value: unknown) {
    this.file = file
    this.value = value
  }
}

const REQUEST_RULES = [
  'query_collections',
  'rest_endpoints',
  'allow_list',
  'graphql_schema_introspection',
  'api_limits',
] as const

/** Files about requests, by their name without `.yaml`; those that are missing or empty are left out. */
export type RequestRuleFiles = Partial<Record<(typeof REQUEST_RULES)[number], MetadataNode>>

/** The files of a v3 directory that we read; those it does not have are null. */
export interface MetadataDirectory {
  version: MetadataNode
  databases: MetadataNode
  inheritedRoles: MetadataNode
  actions: MetadataNode
  remoteSchemas: MetadataNode
  requestRules: RequestRuleFiles
}

/** Reads a v3 directory's files, with the files they include. */
export async function readDirectory(directory: string): Promise<MetadataDirectory> {
  const version = await readYaml(directory, 'version.yaml', [])
  const databases = await readYaml(directory, path.join('databases', 'databases.yaml'), [])
  if (version === undefined && !existsSync(directory)) {
    throw new ObservabilityError('METADATA_INVALID', `the metadata directory ${directory} does not exist`)
  }
  if (version === undefined) {
    throw new ObservabilityError(
      'METADATA_INVALID',
      `version.yaml is missing in ${directory}: a metadata v3 directory has one that says "version: 3"`,
    )
  }
  const optional = async (file: string): Promise<MetadataNode> =>
    new MetadataNode((await readYaml(directory, file, [])) ?? new IncludedFile(file, null))
  const requestRules: RequestRuleFiles = {}
  for (const name of REQUEST_RULES) {
    const node = await optional(`${name}.yaml`)
    if (!node.isNull()) requestRules[name] = node
  }
  return {
    version: new MetadataNode(version),
    databases: new MetadataNode(databases ?? new IncludedFile('databases/databases.yaml', null)),
    inheritedRoles: await optional('inherited_roles.yaml'),
    actions: await optional('actions.yaml'),
    remoteSchemas: await optional('remote_schemas.yaml'),
    requestRules,
  }
}

async function readYaml(directory: string, file: string, above: readonly string[]): Promise<IncludedFile | undefined> {
  const chain = [...above, file]
  if (above.includes(file)) {
    throw new ObservabilityError('METADATA_INVALID', `${chain.join(' includes ')}: a file cannot include itself`)
  }
  const text = await readFile(path.join(directory, file), 'utf8').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw new ObservabilityError('METADATA_INVALID', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  if (text === undefined) {
    const includedBy = above.at(-1)
    if (includedBy === undefined) return undefined
    throw new ObservabilityError('METADATA_INVALID', `${includedBy} includes ${file}, which does not exist`)
  }
  let content: unknown
  try {
    content = parse(text, { customTags: [{ tag: '!include', resolve: (to: string) => `!include ${to}` }] })
  } catch (cause) {
    throw new ObservabilityError('METADATA_INVALID', `${file} is not valid YAML: ${messageOf(cause)}`, { cause })
  }
  return new IncludedFile(file, await resolveIncludes(directory, file, content, chain))
}

async function resolveIncludes(directory: string, file: string, value: unknown, chain: readonly string[]) {
  if (typeof value === 'string') {
    const target = /^!include\s+(.+)$/.exec(value)?.[1]?.trim()
    if (target === undefined) return value
    // The server's own rule: relative to the file that includes.
    return readYaml(directory, path.join(path.dirname(file), target), chain)
  }
  if (Array.isArray(value)) {
    const items: unknown[] = await Promise.all(value.map(item => resolveIncludes(directory, file, item, chain)))
    return items
  }
  if (typeof value === 'object' && value !== null) {
    const entries: [string, unknown][] = await Promise.all(
      Object.entries(value).map(
        async ([key, item]): Promise<[string, unknown]> => [key, await resolveIncludes(directory, file, item, chain)],
      ),
    )
    return Object.fromEntries(entries)
  }
  return value
}

/** One value of the metadata and where it stands, so that every complaint can say so. */
export class MetadataNode {
  readonly #value: unknown
  readonly #file: string
  readonly #path: string

  constructor(value: unknown, file = '', at = '') {
    const isFile = value instanceof IncludedFile
    this.#value = isFile ? value.value : value
    this.#file = isFile ? value.file : file
    this.#path = isFile ? '' : at
  }

  fail(complaint: string): never {
    throw new ObservabilityError('METADATA_INVALID', `${this.#file}: ${this.#path || 'the file'} ${complaint}`)
  }

  isNull(): boolean {
    return this.#value === null || this.#value === undefined
  }

  isText(): boolean {
    return typeof this.#value === 'string'
  }

  isObject(): boolean {
    return typeof this.#value === 'object' && this.#value !== null && !Array.isArray(this.#value)
  }

  /** The value under a key that has to be there. */
  key(name: string): MetadataNode {
    return this.optional(name) ?? this.fail(`has no ${name}, which is required`)
  }

  /** The value under a key; undefined when it is missing or null. */
  optional(name: string): MetadataNode | undefined {
    const value = Object.hasOwn(this.#fields(), name) ? this.#fields()[name] : undefined
    if (value === undefined || value === null) return undefined
    return this.#child(name, value)
  }

  entries(): [string, MetadataNode][] {
    return Object.entries(this.#fields()).map(([name, value]) => [name, this.#child(name, value)])
  }

  /** The plain value, without the marks of included files. */
  object(): Record<string, unknown> {
    return plain(this.#fields()) as Record<string, unknown>
  }

  list(): MetadataNode[] {
    if (!Array.isArray(this.#value)) this.fail('must be a list')
    return this.#value.map((item, index) => new MetadataNode(item, this.#file, `${this.#path}[${index}]`))
  }

  text(): string {
    if (typeof this.#value !== 'string') this.fail('must be text')
    return this.#value
  }

  /** A list of texts, or a single one. */
  texts(): string[] {
    return this.isText() ? [this.text()] : this.list().map(item => item.text())
  }

  starOrTexts(): '*' | string[] {
    return this.#value === '*' ? '*' : this.list().map(item => item.text())
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') this.fail('must be true or false')
    return this.#value
  }

  wholeNumber(): number {
    if (!Number.isSafeInteger(this.#value) || (this.#value as number) < 0) this.fail('must be a whole number from 0')
    return this.#value as number
  }

  oneOf<const T extends string | number>(allowed: readonly T[]): T {
    if (!allowed.includes(this.#value as T)) this.fail(`must be ${allowed.join(' or ')}`)
    return this.#value as T
  }

  #fields(): Record<string, unknown> {
    if (!this.isObject()) this.fail('must be an object')
    return this.#value as Record<string, unknown>
  }

  #child(name: string, value: unknown): MetadataNode {
    return new MetadataNode(value, this.#file, this.#path === '' ? name : `${this.#path}.${name}`)
  }
}

/** An object without the keys that are undefined: what was not set is not there. */
export function included<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

function plain(value: unknown): unknown {
  if (value instanceof IncludedFile) return plain(value.value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  }
  return value
}
