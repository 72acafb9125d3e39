import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The import table: what each part may import, besides itself and Node. `@x` is an npm package.
 * Data moves right (record → buffer → store → Postgres; Postgres → graphql → server), imports point to the owner of a type.
 */
const BASICS = ['src/errors', 'src/units', 'src/log']
const TABLE: Record<string, string[]> = {
  'src/errors': [],
  'src/attachment': [],
  'src/forget-oldest': [],
  'src/units': [],
  'src/log': ['@pino'],
  'src/graphql-prefix': ['@graphql'],
  'src/hasura-address': [],
  'src/package-files': [],
  'src/payload-gaps': [],
  'src/config-reader': ['src/errors'],
  'src/api-keys': ['src/errors'],
  'src/graphql-config': ['src/config', 'src/config-reader', 'src/log'],
  'src/config': [
    ...BASICS,
    'src/api-keys',
    'src/config-reader',
    'src/correlation',
    'src/hasura-address',
    // The words of one option.
    'src/event',
    'src/graphql',
  ],
  'src/correlation': ['src/errors'],
  'src/otlp': [...BASICS, 'src/correlation', 'src/forget-oldest', 'src/record'],
  'src/record': ['src/attachment', 'src/correlation', 'src/errors'],
  'src/event': [...BASICS, 'src/correlation', 'src/record', '@@bufbuild/protobuf/wire'],
  'src/buffer': ['src/errors', 'src/units'],
  'src/db': [...BASICS, '@pg'],
  'src/store': [...BASICS, 'src/buffer', 'src/db', 'src/event', 'src/forget-oldest', 'src/record', '@graphql-request'],
  'src/event-query': [...BASICS, 'src/db'],
  'src/live': [...BASICS, 'src/db', 'src/event', 'src/event-query'],
  'src/detector': ['src/attachment', 'src/errors', 'src/units'],
  'src/hasura': [
    ...BASICS,
    'src/correlation',
    'src/db',
    'src/graphql-prefix',
    'src/hasura-address',
    '@graphql',
    '@yaml',
  ],
  'src/graphql': [...BASICS, 'src/db', 'src/hasura', '@graphql', '@jose'],
  'src/server': [
    ...BASICS,
    'src/api-keys',
    'src/config',
    // The key of a payload that is sent again.
    'src/correlation',
    'src/db',
    'src/detector',
    'src/event',
    'src/forget-oldest',
    'src/graphql',
    'src/graphql-config',
    'src/hasura',
    'src/event-query',
    'src/live',
    'src/package-files',
    'src/payload-gaps',
    // The clock's text of an instant.
    'src/record',
    'src/store',
    'plugin',
    'examples',
    '@fastify',
    '@@fastify/static',
    '@fzstd',
    '@jose',
    '@ws',
  ],
  'src/cli': [
    ...BASICS,
    'src/buffer',
    'src/config',
    'src/db',
    'src/graphql-config',
    'src/hasura',
    'src/package-files',
    'src/server',
  ],
  plugin: [
    ...BASICS,
    'src/config',
    'src/correlation',
    'src/db',
    // For the base class only; a host brings its own.
    'src/detector',
    'src/otlp',
    'src/record',
    'src/store',
  ],
  // The record part for notDetected() only, which the package exports.
  examples: [...BASICS, 'src/correlation', 'src/db', 'src/detector', 'src/record', '@fastify'],
  // The files that both sides of the wire need.
  dashboard: ['@*', 'src/graphql-prefix', 'src/payload-gaps'],
}

const PLUGIN_PACKAGES = ['pg', 'pino']
// Loaded when that way to the database is chosen, and at the first write.
const CHOSEN_PACKAGES = ['graphql-request']

describe('architecture', () => {
  const files = [
    'plugin.ts',
    ...typescriptFiles('src'),
    ...typescriptFiles('examples'),
    ...typescriptFiles('dashboard/src'),
  ]

  it('sees the files it is about', () => {
    expect(files.length).toBeGreaterThan(80)
    expect(importsOf('plugin.ts')).toContain('src/store/recording-store.ts')
  })

  it.each(files)('%s imports only what its part may import', file => {
    const part = partOf(file)
    const allowed = TABLE[part]
    expect(allowed, `${part} is not in the import table`).toBeDefined()
    const forbidden = importsOf(file).filter(imported => {
      const target = partOf(imported)
      if (target === part) return false
      if (allowed?.includes('@*') && imported.startsWith('@')) return false
      return !allowed?.includes(target)
    })
    expect(forbidden).toEqual([])
  })

  it('has no barrels and no utils', () => {
    expect(files.filter(file => /(?:^|\/)(?:index|utils?|helpers?|common)\.tsx?$/.test(file))).toEqual([])
  })

  it('reads the environment in src/config.ts only', () => {
    const readers = files.filter(file => file.startsWith('src/') && readFileSync(file, 'utf8').includes('process.env'))
    expect(readers).toEqual(['src/config.ts', 'src/db/embedded/cluster-files.ts'])
  })

  it('keeps what the plugin loads small: it runs inside other people’s functions', () => {
    const reached = (imports: typeof importsOf): string[] => {
      const seen = new Set<string>()
      const visit = (file: string): void => {
        if (seen.has(file)) return
        seen.add(file)
        if (!file.startsWith('@')) imports(file).forEach(visit)
      }
      visit('plugin.ts')
      return [...seen].sort()
    }
    const packages = (names: string[]): string[] =>
      names.filter(name => name.startsWith('@')).map(name => name.slice(1))
    const seen = reached(importsOf)
    expect(packages(reached(loadedWith))).toEqual(PLUGIN_PACKAGES)
    expect(packages(seen)).toEqual([...CHOSEN_PACKAGES, ...PLUGIN_PACKAGES])
    expect(seen.filter(file => file.includes('embedded') || file.startsWith('src/server'))).toEqual([])
  })
})

/** Imported files relative to the repository, and packages as `@name`; Node's own modules are left out. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return resolved(file, [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'/g),
    ...text.matchAll(/(?:^|\n)\s*import\s*'([^']+)'/g),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ])
}

/** Those that come with the file: neither types nor what it asks for later. */
function loadedWith(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return resolved(file, [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b(?!\s+type\b)[^'"`;]*?from\s*'([^']+)'/g),
    ...text.matchAll(/(?:^|\n)\s*import\s*'([^']+)'/g),
  ])
}

function resolved(file: string, matches: RegExpExecArray[]): string[] {
  return matches
    .map(match => match[1] as string)
    .filter(specifier => !specifier.startsWith('node:'))
    .map(specifier =>
      specifier.startsWith('.') ? path.normalize(path.join(path.dirname(file), specifier)) : `@${specifier}`,
    )
}

function partOf(file: string): string {
  if (file.startsWith('@')) return file
  const [first, second] = file.split('/')
  const top = first === 'src' ? `src/${second}` : (first as string)
  return top.replace(/\.ts$/, '')
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder)
    .map(name => path.join(folder, name))
    .flatMap(file => (statSync(file).isDirectory() ? typescriptFiles(file) : /\.tsx?$/.test(file) ? [file] : []))
    .sort()
}
